import type { Gate, RequestContext, RowWrite } from '#authz';
import type { Clock, Principal } from '#identity';
import { askFor } from './ask-for.ts';
import { gone, versionOf, withVersions } from './secret-head.ts';
import type { SecretRecords } from './secret-records.ts';

/** Removes the values of versions for good; that they were there stays known. */
export class DestroyVersions {
  readonly #gate: Gate;
  readonly #records: SecretRecords;
  readonly #clock: Clock;

  constructor(gate: Gate, records: SecretRecords, clock: Clock) {
    this.#gate = gate;
    this.#records = records;
    this.#clock = clock;
  }

  /**
   * All of the named versions or none.
   * @throws AuthzError `denied`; SecretsError `invalid_path`, `not_found`, `version_unavailable` when one of them never was or is
   *   destroyed already; KeysError `integrity_failed`
   */
  async perform(caller: Principal, request: RequestContext, path: string, versions: readonly number[]): Promise<void> {
    const ask = await askFor(this.#gate, { caller, request, action: 'secret:destroy' }, path);
    return this.#gate.perform(ask, async (reader) => {
      const before = await this.#records.head(reader, path);
      const doomed = [...new Set(versions)].map((number) => versionOf(before, number));
      const destroyed = doomed.find((version) => version.destroyedAt);
      if (destroyed) throw gone(destroyed);
      const destroyedAt = this.#clock.now().toISOString();
      const after = withVersions(
        before,
        doomed.map((version) => ({ ...version, destroyedAt })),
      );
      const writes: RowWrite[] = [this.#records.headWrite(before, after)];
      for (const { version } of doomed) writes.push(await this.#records.destruction(reader, path, version));
      return { writes, answer: undefined };
    });
  }
}
