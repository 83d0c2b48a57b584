import type { Gate, May, Plan, RequestContext } from '#authz';
import { parseRevocationList, parseTrustDomain, readBundle, TrustBundle, type BundleDocument, type Clock, type Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { described, trustDomainResource, type DescribedBundle } from './described-bundle.ts';
import { AccessError } from '../errors.ts';
import { refuseEscalation } from '../roles/escalation.ts';
import type { TrustBundleRecord } from '../authority/records.ts';

/** A listener is given all of their CAs, and OpenSSL looks through them in each handshake. */
const MOST_DOMAINS = 128;

/**
 * Trusts the CAs of a trust domain, or replaces them whole: effective for the next request, on open connections too. Whoever adds a CA
 * could have it make any workload of the domain: what these may, the caller has to be able to give away.
 */
export class PutTrustBundle {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /**
   * @throws AuthzError as the gate does; IdentityError `invalid_trust_domain`, `trust_bundle_refused`; AccessError `conflict` where the own
   *   CA would be gone, or the document is older than the one that is there
   */
  perform(caller: Principal, trustDomain: string, document: BundleDocument, request: RequestContext): Promise<DescribedBundle> {
    const ask = { caller, action: 'identity:trust', resource: trustDomainResource(trustDomain), request } as const;
    return this.#gate.perform(ask, (_reader, may) => this.#plan(caller, trustDomain, { document, may }));
  }

  async #plan(
    caller: Principal,
    trustDomain: string,
    { document, may }: { document: BundleDocument; may: May },
  ): Promise<Plan<DescribedBundle>> {
    const { certificates, sequence, refreshHint } = readBundle(document, parseTrustDomain(trustDomain));
    const pems = certificates.map(String);
    const held = this.#authority.find('trust-bundle', trustDomain);
    if (held === undefined && this.#authority.all('trust-bundle').length >= MOST_DOMAINS) throw new AccessError('conflict', `at most ${MOST_DOMAINS} trust domains`); // prettier-ignore
    this.#checkOwn(trustDomain, pems);
    if ((sequence ?? Infinity) < (held?.body.sequence ?? 0)) throw new AccessError('conflict', 'older than the one that is there');
    const before = held?.body.certificates.map(normal) ?? [];
    if (pems.some((pem) => !before.includes(normal(pem)))) refuseEscalation(this.#authority, caller, [`spiffe://${trustDomain}/**`], may);
    const record = {
      trustDomain,
      certificates: pems,
      sequence,
      refreshHint,
      updatedAt: this.#clock.now().toISOString(),
      updatedBy: caller.id,
    };
    return { writes: [this.#authority.put('trust-bundle', record, held)], answer: this.#answer(record, certificates) };
  }

  /** Without the issuing CA nobody whom this server enrols would be let in. */
  #checkOwn(trustDomain: string, pems: readonly string[]): void {
    const { issuing } = this.#authority;
    if (trustDomain !== issuing.trustDomain || pems.some((pem) => normal(pem) === normal(issuing.certificatePem))) return;
    throw new AccessError('conflict', "this server's own issuing CA stays in the bundle of its trust domain");
  }

  #answer(record: TrustBundleRecord, certificates: TrustBundle['certificates']): DescribedBundle {
    const lists = this.#authority.find('crl', record.trustDomain)?.body.lists.map(parseRevocationList);
    return described(new TrustBundle(record.trustDomain, certificates, lists), record);
  }
}

function normal(pem: string): string {
  return pem.replaceAll(/\s/g, '');
}
