import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import { askFor } from './ask-for.ts';
import { SecretsError } from './errors.ts';
import { versionOf, withVersions, type SecretHead, type SecretVersion } from './secret-head.ts';
import type { SecretRecords } from './secret-records.ts';

const HINT = 'what is not deleted, or destroyed for good, is not restored';

/** Brings deleted versions back. */
export class RestoreSecret {
  readonly #gate: Gate;
  readonly #records: SecretRecords;

  constructor(gate: Gate, records: SecretRecords) {
    this.#gate = gate;
    this.#records = records;
  }

  /**
   * The named versions, or all that the latest delete took.
   * @throws AuthzError `denied`; SecretsError `invalid_path`, `not_found`, `version_unavailable` when one of them is not deleted, or
   *   destroyed; KeysError `integrity_failed`
   */
  async perform(caller: Principal, request: RequestContext, path: string, versions?: readonly number[]): Promise<void> {
    const ask = await askFor(this.#gate, { caller, request, action: 'secret:delete' }, path);
    return this.#gate.perform(ask, async (reader) => {
      const before = await this.#records.head(reader, path);
      const deleted = versions ? versions.map((number) => versionOf(before, number)) : latestDeleted(before);
      if (deleted.length === 0 || !deleted.every(isRestorable)) throw new SecretsError('version_unavailable', HINT);
      const restored = deleted.map((version) => ({ ...version, deletedAt: undefined }));
      return { writes: [this.#records.headWrite(before, withVersions(before, restored))], answer: undefined };
    });
  }
}

function isRestorable({ deletedAt, destroyedAt }: SecretVersion): boolean {
  return deletedAt !== undefined && destroyedAt === undefined;
}

function latestDeleted(head: SecretHead): readonly SecretVersion[] {
  const restorable = head.versions.filter(isRestorable);
  const latest = restorable
    .map((version) => version.deletedAt ?? '')
    .toSorted()
    .at(-1);
  return restorable.filter((version) => version.deletedAt === latest);
}
