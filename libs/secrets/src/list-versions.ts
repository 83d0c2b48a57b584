import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import { askFor } from './ask-for.ts';
import type { SecretHead } from './secret-head.ts';
import type { SecretRecords } from './secret-records.ts';

/** Tells what versions a secret has had, without a value. */
export class ListVersions {
  readonly #gate: Gate;
  readonly #records: SecretRecords;

  constructor(gate: Gate, records: SecretRecords) {
    this.#gate = gate;
    this.#records = records;
  }

  /** @throws AuthzError `denied`; SecretsError `invalid_path`, `not_found`; KeysError `integrity_failed` */
  async perform(caller: Principal, request: RequestContext, path: string): Promise<SecretHead> {
    const ask = await askFor(this.#gate, { caller, request, action: 'secret:describe' }, path);
    return this.#gate.perform(ask, async (reader) => {
      const { labels, createdAt, current, versions } = await this.#records.head(reader, path);
      return { answer: { path, labels, createdAt, current, versions } };
    });
  }
}
