import type { Gate, RequestContext } from '#authz';
import type { Clock, Principal } from '#identity';
import { askFor } from './ask-for.ts';
import { gone, isGone, versionOf, withVersions, type SecretHead, type SecretVersion } from './secret-head.ts';
import type { SecretRecords } from './secret-records.ts';

/** Takes versions of a secret out of reach, restorably. */
export class DeleteSecret {
  readonly #gate: Gate;
  readonly #records: SecretRecords;
  readonly #clock: Clock;

  constructor(gate: Gate, records: SecretRecords, clock: Clock) {
    this.#gate = gate;
    this.#records = records;
    this.#clock = clock;
  }

  /**
   * Every version that is there, or the one named.
   * @throws AuthzError `denied`; SecretsError `invalid_path`, `not_found`, `version_unavailable` when none is left; KeysError `integrity_failed`
   */
  async perform(caller: Principal, request: RequestContext, path: string, version?: number): Promise<void> {
    const ask = await askFor(this.#gate, { caller, request, action: 'secret:delete', version }, path);
    return this.#gate.perform(ask, async (reader) => {
      const before = await this.#records.head(reader, path);
      const deletedAt = this.#clock.now().toISOString();
      const deleted = deletable(before, version).map((version) => ({ ...version, deletedAt }));
      return { writes: [this.#records.headWrite(before, withVersions(before, deleted))], answer: undefined };
    });
  }
}

function deletable(head: SecretHead, asked: number | undefined): readonly SecretVersion[] {
  const versions = asked === undefined ? head.versions : [versionOf(head, asked)];
  const there = versions.filter((version) => !isGone(version));
  const [newest] = versions.slice(-1);
  if (there.length === 0 && newest) throw gone(newest);
  return there;
}
