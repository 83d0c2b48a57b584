import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import type { StoredRole } from '../authority/records.ts';
import { isDeleted, versionOf } from './role-history.ts';

/** One role, as it stands or as it once was. */
export class GetRole {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found`, also for a version that is not kept or had nothing */
  perform(caller: Principal, name: string, request: RequestContext, version?: number): Promise<StoredRole> {
    return this.#gate.perform({ caller, action: 'policy:read', resource: name, version, request }, async (reader) => {
      const now = this.#authority.find('role', name)?.body;
      const role = version === undefined ? now : await versionOf(this.#authority, reader, name, version);
      if (role === undefined || isDeleted(role)) throw new AccessError('not_found');
      return { answer: role, version: role.version };
    });
  }
}
