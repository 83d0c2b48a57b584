import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { trustDomainResource } from './described-bundle.ts';
import { AccessError } from '../errors.ts';

/** Trusts a trust domain no longer: its workloads are refused with their next request, on open connections too. */
export class DeleteTrustBundle {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** Its revocation lists go with it. @throws AuthzError as the gate does; AccessError `not_found`; `conflict` for the own trust domain */
  perform(caller: Principal, trustDomain: string, request: RequestContext): Promise<void> {
    const ask = { caller, action: 'identity:trust', resource: trustDomainResource(trustDomain), request } as const;
    return this.#gate.perform(ask, async () => {
      const held = this.#authority.find('trust-bundle', trustDomain);
      if (held === undefined) throw new AccessError('not_found');
      if (trustDomain === this.#authority.issuing.trustDomain) throw new AccessError('conflict', "this server's own trust domain stays");
      const lists = this.#authority.find('crl', trustDomain);
      const writes = [this.#authority.remove('trust-bundle', held), ...(lists === undefined ? [] : [this.#authority.remove('crl', lists)])];
      return { writes, answer: undefined };
    });
  }
}
