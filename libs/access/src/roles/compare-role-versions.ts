import type { Gate, Reader, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import type { StoredRole } from '../authority/records.ts';
import { roleDiff } from './role-diff.ts';
import { isDeleted, latestOf, versionOf } from './role-history.ts';

/** Two versions of a role. Left out: the latest, and the one before `to`; 0 stands for nothing. */
interface Versions {
  readonly from?: number;
  readonly to?: number;
}

interface Comparison extends Required<Versions> {
  /** As `roleDiff` writes it. */
  readonly diff: readonly string[];
}

/** What the changes from one version of a role to another have added and taken away. */
export class CompareRoleVersions {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found`, also for a version that is not kept */
  perform(caller: Principal, name: string, versions: Versions, request: RequestContext): Promise<Comparison> {
    return this.#gate.perform({ caller, action: 'policy:read', resource: name, version: versions.to, request }, async (reader) => {
      const latest = latestOf(this.#authority, name);
      if (latest === undefined) throw new AccessError('not_found');
      const { to = latest.version } = versions;
      const { from = Math.max(to - 1, 0) } = versions;
      const [before, after] = [await this.#contentOf(reader, name, from), await this.#contentOf(reader, name, to)];
      return { answer: { from, to, diff: roleDiff(before, after) } };
    });
  }

  async #contentOf(reader: Reader, name: string, version: number): Promise<StoredRole | undefined> {
    if (version === 0) return undefined;
    const found = await versionOf(this.#authority, reader, name, version);
    if (found === undefined) throw new AccessError('not_found');
    return isDeleted(found) ? undefined : found;
  }
}
