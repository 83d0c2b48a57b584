import type { Gate, Plan, RequestContext } from '#authz';
import type { Principal } from '#identity';
import { checkOperatorsAdminister } from '../roles/administration.ts';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { endOf } from './operator-end.ts';
import { operatorResource } from './operator-name.ts';

/** Removes an operator, and all that it came in with. What roles bind its name stays: to invite the name again wants what they give. */
export class DeleteOperator {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found`, `conflict` when nobody would administer any more */
  perform(caller: Principal, name: string, request: RequestContext): Promise<void> {
    const ask = { caller, action: 'identity:operate', resource: operatorResource(name), request } as const;
    return this.#authority.changeRoles(() => this.#gate.perform(ask, () => this.#plan(name)));
  }

  async #plan(name: string): Promise<Plan<void>> {
    const held = this.#authority.find('operator', name);
    if (held === undefined) throw new AccessError('not_found');
    checkOperatorsAdminister(this.#authority, name);
    const factor = this.#authority.find('second-factor', name);
    const factors = factor === undefined ? [] : [this.#authority.remove('second-factor', factor)];
    return { writes: [this.#authority.remove('operator', held), ...factors, ...endOf(this.#authority, name)], answer: undefined };
  }
}
