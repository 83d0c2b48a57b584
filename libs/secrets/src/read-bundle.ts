import type { Gate, ItemResult, May, MayBelow, Reader, Reading, RequestContext } from '#authz';
import type { Clock, Principal } from '#identity';
import { askFor } from './ask-for.ts';
import { SecretsError } from './errors.ts';
import { HeadWalk } from './head-walk.ts';
import type { ReadSecret, SecretValue } from './read-secret.ts';
import { isExpired, isThere } from './secret-head.ts';
import type { SecretRecords } from './secret-records.ts';

const MOST_ITEMS = 1_000;
const MOST_BYTES = 16 * 1024 * 1024;
/** Rows read at most while looking for what the caller may read. */
const MOST_ROWS = 20_000;
const HINT = 'name the paths, fewer at a time';

/** Hands out many values at once, each decided and recorded by itself. */
export class ReadBundle {
  readonly #gate: Gate;
  readonly #records: SecretRecords;
  readonly #readSecret: ReadSecret;
  readonly #clock: Clock;

  constructor(gate: Gate, records: SecretRecords, readSecret: ReadSecret, clock: Clock) {
    this.#gate = gate;
    this.#records = records;
    this.#readSecret = readSecret;
    this.#clock = clock;
  }

  /**
   * The newest versions of the paths named, in that order and each once; without paths, of all that the caller may read and that is
   * there. An item's error is what `ReadSecret` would have thrown, or SecretsError `too_many_items` for what exceeds 16 MiB.
   *
   * @throws SecretsError `invalid_path`; `too_many_items` when there are more than 1,000, or too much lies between them
   */
  async perform(caller: Principal, request: RequestContext, paths?: readonly string[]): Promise<readonly ItemResult<SecretValue>[]> {
    const asking = { caller, request, action: 'secret:read' } as const;
    const named: string[] = [];
    for (const path of paths ?? []) named.push((await askFor(this.#gate, asking, path)).resource);
    let room = MOST_BYTES;
    return this.#gate.performEach(
      asking,
      async (reader, may, below) => {
        room = MOST_BYTES;
        return paths ? checkCount([...new Set(named)]) : this.#readable(reader, may, below);
      },
      async (reader, path, fields): Promise<Reading<SecretValue>> => {
        const plan = await this.#readSecret.prepare(reader, path, { fields });
        room -= plan.answer.value.bytes.length;
        if (room >= 0) return plan;
        plan.answer.value.wipe();
        throw new SecretsError('too_many_items', HINT);
      },
    );
  }

  async #readable(reader: Reader, may: May, below: MayBelow): Promise<readonly string[]> {
    const walk = new HeadWalk(this.#records, { reader, action: 'secret:read', may, below, prefix: '', after: '', budget: MOST_ROWS });
    const now = this.#clock.now();
    const paths: string[] = [];
    for await (const head of walk.heads()) {
      const newest = head.versions.at(-1);
      if (newest && isThere(head) && !isExpired(newest, now)) paths.push(head.path);
      checkCount(paths);
    }
    if (!walk.ended) throw new SecretsError('too_many_items', HINT);
    return paths.toSorted();
  }
}

function checkCount(paths: readonly string[]): readonly string[] {
  if (paths.length > MOST_ITEMS) throw new SecretsError('too_many_items', HINT);
  return paths;
}
