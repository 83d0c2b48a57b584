import type { Fields, Gate, Reader, Reading, RequestContext } from '#authz';
import { canonicalBytes, SecretBytes, sha256 } from '#crypto';
import type { Clock, Principal } from '#identity';
import { askFor } from './ask-for.ts';
import type { Labels } from './labels.ts';
import { withFields } from './secret-data.ts';
import { readableVersion } from './secret-head.ts';
import type { SecretRecords } from './secret-records.ts';

/** One version of a secret, opened. */
export interface SecretValue {
  readonly path: string;
  readonly version: number;
  /** The UTF-8 JSON of `{"data":{…}}`, with `"binary":[…]` where there are such fields. Whoever has it wipes it. */
  readonly value: SecretBytes;
  readonly labels: Labels;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt?: string;
  /** RFC 9110: changes with the version, with the labels and with the fields that may be seen. */
  readonly etag: string;
}

/** Hands out the value of a secret. */
export class ReadSecret {
  readonly #gate: Gate;
  readonly #records: SecretRecords;
  readonly #clock: Clock;

  constructor(gate: Gate, records: SecretRecords, clock: Clock) {
    this.#gate = gate;
    this.#records = records;
    this.#clock = clock;
  }

  /**
   * The newest version, or the one asked for.
   * @throws AuthzError `denied` whether it exists or not; SecretsError `invalid_path`, `not_found`, `version_unavailable`;
   *   KeysError `integrity_failed`
   */
  async perform(caller: Principal, request: RequestContext, path: string, version?: number): Promise<SecretValue> {
    const ask = await askFor(this.#gate, { caller, request, action: 'secret:read', version }, path);
    return this.#gate.perform(ask, (reader, _may, _below, fields) => this.prepare(reader, path, { version, fields }));
  }

  /** The plan of one read, for whoever has asked the gate: of the version asked for, and of no more than the fields decided on. */
  async prepare(reader: Reader, path: string, { version: asked, fields }: Wanted = {}): Promise<Reading<SecretValue>> {
    const head = await this.#records.head(reader, path);
    const { version, createdAt, createdBy, expiresAt } = readableVersion(head, asked, this.#clock.now());
    const bytes = await this.#records.value(reader, path, version);
    const { value, shown } = fields === undefined ? { value: bytes, shown: undefined } : withFields(bytes, fields);
    const etag = `"${version}.${head.rev}${shown === undefined ? '' : `.${tagOf(shown)}`}"`;
    return {
      version,
      answer: { path, version, value: new SecretBytes(value), labels: head.labels, createdAt, createdBy, expiresAt, etag },
    };
  }
}

interface Wanted {
  readonly version?: number;
  readonly fields?: Fields;
}

/** Says which fields are shown, and nothing of those that are not: who sees others has another answer under another tag. */
function tagOf(shown: readonly string[]): string {
  return sha256(canonicalBytes(shown)).toString('hex').slice(0, 16);
}
