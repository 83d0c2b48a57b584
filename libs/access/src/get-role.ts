import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from './authority.ts';
import { AccessError } from './errors.ts';
import type { StoredRole } from './records.ts';

/** One role, as it stands. */
export class GetRole {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found` */
  perform(caller: Principal, name: string, request: RequestContext): Promise<StoredRole> {
    return this.#gate.perform({ caller, action: 'policy:read', resource: name, request }, async () => {
      const role = this.#authority.find('role', name)?.body;
      if (role === undefined) throw new AccessError('not_found');
      return { answer: role, version: role.version };
    });
  }
}
