import { AuthzError, type Gate, type May, type Plan, type RequestContext } from '#authz';
import type { Principal } from '#identity';
import { checkAdministered } from './administration.ts';
import type { Authority } from './authority.ts';
import { AccessError } from './errors.ts';
import { checkChildless, inEffect } from './inheritance.ts';
import { widens } from './widening.ts';

/** Takes a role away from everybody. Where it denied something, that wants `policy:escalate` besides. */
export class DeleteRole {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found`, `conflict` when other roles extend it or nobody would administer any more */
  perform(caller: Principal, name: string, request: RequestContext): Promise<void> {
    const ask = { caller, action: 'policy:delete', resource: name, request } as const;
    return this.#authority.changeRoles(() => this.#gate.perform(ask, (_reader, may) => this.#plan(name, may)));
  }

  async #plan(name: string, may: May): Promise<Plan<void>> {
    const held = this.#authority.find('role', name);
    if (held === undefined) throw new AccessError('not_found');
    if (widens(inEffect(this.#authority, held.body), undefined) && !may('policy:escalate', name)) throw new AuthzError('denied');
    checkChildless(this.#authority, name);
    checkAdministered(this.#authority, name);
    return { writes: [this.#authority.remove('role', held)], answer: undefined, version: held.body.version };
  }
}
