import type { Gate, May, Plan, RequestContext } from '#authz';
import type { Clock, Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { invite, type Invitation } from './invitation.ts';
import { checkBecoming } from './operator-gain.ts';
import { checkGroups, checkOperatorName, operatorResource } from './operator-name.ts';

/** All of them are in memory, and whoever may invite may do so without end. */
const MOST_OPERATORS = 10_000;

/** Makes an operator who can't come in yet, and the one-time token with which it sets a password. */
export class InviteOperator {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /**
   * Roles that are bound to the name or to one of the groups already, and are not the caller's own, want `policy:escalate`.
   *
   * @throws AuthzError as the gate does; AccessError `invalid_name`, `conflict` when the name is taken or there are too many
   */
  perform(caller: Principal, asked: { name: string; groups?: readonly string[] }, request: RequestContext): Promise<Invitation> {
    const ask = { caller, action: 'identity:operate', resource: operatorResource(asked.name), request } as const;
    return this.#authority.changeRoles(() => this.#gate.perform(ask, (_reader, may) => this.#plan(caller, asked, may)));
  }

  async #plan(caller: Principal, { name, groups = [] }: { name: string; groups?: readonly string[] }, may: May): Promise<Plan<Invitation>> {
    checkOperatorName(name);
    const operator = { name, groups: checkGroups(groups), createdAt: this.#clock.now().toISOString() };
    checkBecoming(this.#authority.rolesOf(caller), this.#authority.rolesAs(operator), may);
    if (this.#authority.find('operator', name) !== undefined) throw new AccessError('conflict', 'there is an operator of this name');
    if (this.#authority.all('operator').length >= MOST_OPERATORS) throw new AccessError('conflict', 'there are too many operators');
    const { invitation, write } = invite(this.#authority, this.#clock, { operator: name, by: caller });
    return { writes: [this.#authority.put('operator', operator, undefined), write], answer: invitation };
  }
}
