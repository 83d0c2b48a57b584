import type { Gate, May, Plan, RequestContext } from '#authz';
import { IdentityError, parseRevocationList, type Clock, type Principal, type RevocationList, type TrustBundle } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { described, trustDomainResource, type DescribedBundle } from './described-bundle.ts';
import { AccessError } from '../errors.ts';
import { refuseEscalation } from '../roles/escalation.ts';

const MOST_LISTS = 8;

/**
 * Puts the revocation lists of a trust domain's CAs in the place of those that are there. From then on a CA that has one needs one: when it
 * should have been replaced, nothing that the CA signed is accepted. Taking a CA's list away, or putting an empty set, gives back what it
 * had revoked, and so wants `policy:escalate` as adding a CA does.
 */
export class PutCrls {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /** `lists`: PEM, or base64 of DER. @throws AuthzError as the gate does; IdentityError `crl_refused`; AccessError `not_found`, `conflict` */
  perform(caller: Principal, trustDomain: string, lists: readonly string[], request: RequestContext): Promise<DescribedBundle> {
    const ask = { caller, action: 'identity:trust', resource: trustDomainResource(trustDomain), request } as const;
    return this.#gate.perform(ask, (_reader, may) => this.#plan(caller, trustDomain, { lists, may }));
  }

  async #plan(
    caller: Principal,
    trustDomain: string,
    { lists, may }: { lists: readonly string[]; may: May },
  ): Promise<Plan<DescribedBundle>> {
    const record = this.#authority.find('trust-bundle', trustDomain);
    const bundle = this.#authority.trustBundles.bundleFor(trustDomain);
    if (record === undefined || bundle === undefined) throw new AccessError('not_found');
    if (lists.length > MOST_LISTS) throw new IdentityError('crl_refused', `at most ${MOST_LISTS} lists`);
    const held = this.#authority.find('crl', trustDomain);
    const parsed = lists.map(parseRevocationList);
    const signed = bundle.withLists(parsed);
    this.#check(parsed, signed);
    if (isWithout(bundle, signed)) refuseEscalation(this.#authority, caller, [`spiffe://${trustDomain}/**`], may);
    const body = { trustDomain, lists: parsed.map(({ der }) => der.toString('base64')) };
    // The bundle stays as it was found: a list is nothing without its CA.
    return { expects: [this.#authority.asFound('trust-bundle', record)], writes: [this.#authority.put('crl', body, held)], answer: described(signed, record.body) }; // prettier-ignore
  }

  #check(parsed: readonly RevocationList[], signed: TrustBundle): void {
    const now = this.#clock.now().getTime();
    if (signed.lists.length < parsed.length) throw new IdentityError('crl_refused', 'no CA of the bundle that may has signed it');
    if (new Set(signed.lists.map(({ signer }) => signer)).size < parsed.length)
      throw new IdentityError('crl_refused', 'two lists of one CA');
    if (parsed.some(({ thisUpdate }) => thisUpdate > now)) throw new IdentityError('crl_refused', 'it is not yet valid');
    if (parsed.some(({ nextUpdate }) => nextUpdate < now)) throw new IdentityError('crl_refused', 'it should have been replaced by now');
  }
}

/** Whether a CA whose list was checked has none any more. @throws AccessError `conflict` for one that is older than before */
function isWithout(before: TrustBundle, after: TrustBundle): boolean {
  const successors = before.lists.map(({ list, signer }) => {
    const successor = after.lists.find((other) => other.signer.certificate.raw.equals(signer.certificate.raw));
    if (successor !== undefined && successor.list.thisUpdate < list.thisUpdate)
      throw new AccessError('conflict', 'older than the one that is there');
    return successor;
  });
  return successors.includes(undefined);
}
