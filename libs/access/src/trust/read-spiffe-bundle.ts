import type { Gate, RequestContext } from '#authz';
import { spiffeDocument, type Principal, type SpiffeDocument } from '#identity';
import type { Authority } from '../authority/authority.ts';

/** Seconds. What SPIFFE proposes where nobody knows better. */
const REFRESH_HINT = 300;

/** The own trust domain's bundle as anybody may fetch it in order to trust our workloads (SPIFFE Federation, section 5). */
export class ReadSpiffeBundle {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** Its sequence counts the changes of the bundle. @throws AuthzError as the gate does */
  perform(caller: Principal, request: RequestContext): Promise<SpiffeDocument> {
    const { ownTrustDomain } = this.#authority;
    const ask = { caller, action: 'system:describe', resource: 'server', request } as const;
    return this.#gate.perform(ask, async () => {
      const { certificates = [] } = this.#authority.trustBundles.bundleFor(ownTrustDomain) ?? {};
      const sequence = this.#authority.find('trust-bundle', ownTrustDomain)?.rev ?? 0;
      return { answer: spiffeDocument(certificates, sequence, REFRESH_HINT) };
    });
  }
}
