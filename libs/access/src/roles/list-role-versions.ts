import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { isDeleted, versionsOf } from './role-history.ts';

interface ListedVersion {
  readonly version: number;
  readonly updatedAt: string;
  readonly updatedBy: string;
  readonly reason?: string;
  /** By this version the role was deleted. */
  readonly deleted: boolean;
}

/** Who changed a role, when and why: the versions that are kept, the latest first, also of a role that was deleted. */
export class ListRoleVersions {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found` */
  perform(caller: Principal, name: string, request: RequestContext): Promise<readonly ListedVersion[]> {
    return this.#gate.perform({ caller, action: 'policy:read', resource: name, request }, async (reader) => {
      const versions = await versionsOf(this.#authority, reader, name);
      if (versions.length === 0) throw new AccessError('not_found');
      return {
        answer: versions.map((each) => {
          const { version, updatedAt, updatedBy, reason } = each;
          return { version, updatedAt, updatedBy, reason, deleted: isDeleted(each) };
        }),
      };
    });
  }
}
