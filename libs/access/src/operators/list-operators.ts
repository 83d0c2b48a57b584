import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { describeOperator, type DescribedOperator } from './described-operator.ts';
import { operatorResource } from './operator-name.ts';

/** The operators that the caller may see, by name. */
export class ListOperators {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does */
  perform(caller: Principal, request: RequestContext): Promise<readonly DescribedOperator[]> {
    return this.#gate.performWithin({ caller, action: 'identity:describe', resource: '', request }, async (_reader, may) => {
      const operators = this.#authority.all('operator').map(({ body }) => body);
      const visible = operators.filter(({ name }) => may('identity:describe', operatorResource(name)));
      const described = visible.map((operator) => describeOperator(this.#authority, operator));
      return { answer: described.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
    });
  }
}
