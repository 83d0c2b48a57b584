import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { described, trustDomainResource, type DescribedBundle } from './described-bundle.ts';
import { AccessError } from '../errors.ts';

/** Whom a trust domain trusts. */
export class GetTrustBundle {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found` */
  perform(caller: Principal, trustDomain: string, request: RequestContext): Promise<DescribedBundle> {
    const ask = { caller, action: 'identity:describe', resource: trustDomainResource(trustDomain), request } as const;
    return this.#gate.perform(ask, async () => {
      const record = this.#authority.find('trust-bundle', trustDomain)?.body;
      const bundle = this.#authority.trustBundles.bundleFor(trustDomain);
      if (record === undefined || bundle === undefined) throw new AccessError('not_found');
      return { answer: described(bundle, record) };
    });
  }
}
