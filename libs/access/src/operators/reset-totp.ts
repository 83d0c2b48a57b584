import type { Gate, May, Plan, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { endOf } from './operator-end.ts';
import { checkBecoming } from './operator-gain.ts';
import { operatorResource } from './operator-name.ts';

/**
 * Takes the second factor of an operator away who has lost it, and ends its sessions. Whoever else has the password could come in then:
 * what the caller would gain by that wants `policy:escalate`.
 */
export class ResetTotp {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found` where there is no such operator, or none of it */
  perform(caller: Principal, name: string, request: RequestContext): Promise<void> {
    const ask = { caller, action: 'identity:operate', resource: operatorResource(name), request } as const;
    return this.#gate.perform(ask, (_reader, may) => this.#plan(caller, name, may));
  }

  async #plan(caller: Principal, name: string, may: May): Promise<Plan<void>> {
    const held = this.#authority.find('second-factor', name);
    if (held === undefined) throw new AccessError('not_found');
    checkBecoming(this.#authority.rolesOf(caller), this.#authority.rolesOf({ kind: 'operator', id: name }), may);
    return { writes: [this.#authority.remove('second-factor', held), ...endOf(this.#authority, name)], answer: undefined };
  }
}
