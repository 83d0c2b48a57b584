import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { issuerResource } from './issuer.ts';
import type { StoredIssuer } from '../authority/records.ts';

/** The issuers that the caller may look at, by name. */
export class ListIssuers {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does */
  perform(caller: Principal, request: RequestContext): Promise<readonly StoredIssuer[]> {
    return this.#gate.performWithin({ caller, action: 'identity:describe', resource: '', request }, async (_reader, may) => {
      const issuers = this.#authority.all('issuer').map(({ body }) => body);
      const visible = issuers.filter(({ issuer }) => may('identity:describe', issuerResource(issuer)));
      return { answer: visible.toSorted((a, b) => (a.issuer < b.issuer ? -1 : 1)) };
    });
  }
}
