import type { Gate, May, Plan, RequestContext } from '#authz';
import type { Clock, Principal } from '#identity';
import { checkOperatorsAdminister } from '../roles/administration.ts';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { invite, type Invitation } from './invitation.ts';
import { endOf } from './operator-end.ts';
import { checkBecoming } from './operator-gain.ts';
import { operatorResource } from './operator-name.ts';

/**
 * Makes an operator's password void and invites it anew. The password that comes is chosen by whoever has the token: what that one would
 * gain wants `policy:escalate`. The second factor stays.
 */
export class ResetPassword {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found`, `conflict` when it is disabled or nobody else administers */
  perform(caller: Principal, name: string, request: RequestContext): Promise<Invitation> {
    const ask = { caller, action: 'identity:operate', resource: operatorResource(name), request } as const;
    return this.#authority.changeRoles(() => this.#gate.perform(ask, (_reader, may) => this.#plan(caller, name, may)));
  }

  async #plan(caller: Principal, name: string, may: May): Promise<Plan<Invitation>> {
    const held = this.#authority.find('operator', name);
    if (held === undefined) throw new AccessError('not_found');
    if (held.body.disabled === true) throw new AccessError('conflict', 'enable the operator first');
    checkBecoming(this.#authority.rolesOf(caller), this.#authority.rolesAs(held.body), may);
    const { password: _void, ...after } = held.body;
    checkOperatorsAdminister(this.#authority, name, after);
    const { invitation, write } = invite(this.#authority, this.#clock, { operator: name, by: caller });
    return { writes: [this.#authority.put('operator', after, held), ...endOf(this.#authority, name), write], answer: invitation };
  }
}
