import { AuthzError, type Gate, type RequestContext } from '#authz';
import type { Principal } from '#identity';
import { ADMINISTRATOR } from './administrator.ts';
import type { Authority } from './authority.ts';
import { AccessError } from './errors.ts';
import { widens } from './widening.ts';

/** Takes a role away from everybody. Where it denied something, that wants `policy:escalate` besides. */
export class DeleteRole {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found`, `conflict` for the role that administers */
  perform(caller: Principal, name: string, request: RequestContext): Promise<void> {
    return this.#gate.perform({ caller, action: 'policy:delete', resource: name, request }, async (_reader, may) => {
      const held = this.#authority.find('role', name);
      if (held === undefined) throw new AccessError('not_found');
      if (widens(held.body, undefined) && !may('policy:escalate', name)) throw new AuthzError('denied');
      if (name === ADMINISTRATOR) throw new AccessError('conflict', 'somebody has to administer');
      return { writes: [this.#authority.remove('role', held)], answer: undefined, version: held.body.version };
    });
  }
}
