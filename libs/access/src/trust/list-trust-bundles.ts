import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { described, trustDomainResource, type DescribedBundle } from './described-bundle.ts';

/** The trust bundles that the caller may look at, by trust domain. */
export class ListTrustBundles {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does */
  perform(caller: Principal, request: RequestContext): Promise<readonly DescribedBundle[]> {
    return this.#gate.performWithin({ caller, action: 'identity:describe', resource: '', request }, async (_reader, may) => {
      const records = this.#authority.all('trust-bundle').map(({ body }) => body);
      const visible = records.filter(({ trustDomain }) => may('identity:describe', trustDomainResource(trustDomain)));
      const sorted = visible.toSorted((a, b) => (a.trustDomain < b.trustDomain ? -1 : 1));
      const { trustBundles } = this.#authority;
      return {
        answer: sorted.flatMap((record) => {
          const bundle = trustBundles.bundleFor(record.trustDomain);
          return bundle === undefined ? [] : [described(bundle, record)];
        }),
      };
    });
  }
}
