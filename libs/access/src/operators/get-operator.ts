import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { describeOperator, type DescribedOperator } from './described-operator.ts';
import { AccessError } from '../errors.ts';
import { operatorResource } from './operator-name.ts';

/** One operator. Everybody may look at itself. */
export class GetOperator {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found` */
  perform(caller: Principal, name: string, request: RequestContext): Promise<DescribedOperator> {
    const ask = { caller, action: 'identity:describe', resource: operatorResource(name), request } as const;
    return this.#gate.perform(ask, async () => {
      const held = this.#authority.find('operator', name);
      if (held === undefined) throw new AccessError('not_found');
      return { answer: describeOperator(this.#authority, held.body) };
    });
  }
}
