import type { Gate, May, Plan, RequestContext } from '#authz';
import { IdTemplate, type Clock, type Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { refuseEscalation } from '../roles/escalation.ts';
import { issuerResource, readIssuer, type IssuerDefinition } from './issuer.ts';
import type { StoredIssuer } from '../authority/records.ts';

/** Trusts an issuer of tokens, or replaces one whole. What the workloads may that it can make, its maker has to be able to give away. */
export class PutIssuer {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /** @throws AuthzError as the gate does; IdentityError `invalid_issuer`; AccessError `conflict` where another has the same URL */
  perform(caller: Principal, name: string, definition: IssuerDefinition, request: RequestContext): Promise<StoredIssuer> {
    const ask = { caller, action: 'identity:trust', resource: issuerResource(name), request } as const;
    return this.#gate.perform(ask, (_reader, may) => this.#plan(caller, name, { definition, may }));
  }

  async #plan(
    caller: Principal,
    name: string,
    { definition, may }: { definition: IssuerDefinition; may: May },
  ): Promise<Plan<StoredIssuer>> {
    const issuer = readIssuer({ ...definition, issuer: name }, this.#authority.issuing.trustDomain);
    const patterns = issuer.rules.map(({ id }) => new IdTemplate(id).pattern);
    refuseEscalation(this.#authority, caller, patterns, may);
    const others = this.#authority.all('issuer').filter(({ body }) => body.issuer !== name);
    if (others.some(({ body }) => body.url === issuer.url)) throw new AccessError('conflict', 'another issuer has this url');
    const held = this.#authority.find('issuer', name);
    const version = (held?.body.version ?? 0) + 1;
    const stored = { ...issuer, version, updatedAt: this.#clock.now().toISOString(), updatedBy: caller.id };
    return { writes: [this.#authority.put('issuer', stored, held)], answer: stored, version };
  }
}
