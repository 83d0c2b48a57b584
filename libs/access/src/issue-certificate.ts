import type { Gate, Plan, RequestContext } from '#authz';
import { checkCertificateRequest, isToken, parseSpiffeId, type CertificateRequest, type Clock, type Principal } from '#identity';
import type { Authority } from './authority.ts';
import { AccessError } from './errors.ts';
import { isRevoked, refusedCertificate } from './lapse.ts';
import { usableToken } from './usable-token.ts';

interface CertificateOrder {
  /** PKCS #10, PEM. It names the SPIFFE ID that its sender is entitled to, or none. */
  readonly csr: string;
  /** The one-time token, for the first certificate; later ones are asked for with the current one. */
  readonly token?: string;
}

interface Certificate {
  /** PEM, the leaf first. */
  readonly chain: string;
  /** PEM of the CAs of its trust domain. */
  readonly trustBundle: string;
  readonly notAfter: string;
}

type Entitlement = { readonly spiffeId: string; readonly enrolmentId?: string };

/** Turns a certificate request into a certificate of the one SPIFFE ID that a one-time token, or the current certificate, stands for. */
export class IssueCertificate {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;
  readonly #ttl: number;

  /** `ttl`: seconds that a certificate lasts. */
  constructor(gate: Gate, authority: Authority, clock: Clock, ttl: number) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
    this.#ttl = ttl;
  }

  /**
   * A token is used up by it. Shown again with the same key, it gets the same certificate again: a lost answer is no theft.
   *
   * @throws AuthzError as the gate does; AccessError `token_refused`, `csr_refused`; IdentityError of `checkCertificateRequest`
   */
  async perform(caller: Principal, order: CertificateOrder, request: RequestContext): Promise<Certificate> {
    const entitlement = this.#entitlement(caller, order.token);
    if (entitlement === undefined) return this.#refuse(caller, request);
    const ask = { caller, action: 'identity:certify', resource: entitlement.spiffeId, request } as const;
    const { spiffeId, enrolmentId } = entitlement;
    return this.#gate.perform(ask, () =>
      enrolmentId === undefined ? this.#renew(caller, order.csr) : this.#enrol(enrolmentId, spiffeId, order.csr),
    );
  }

  /** One credential is what entitles: a token alone, or a certificate alone. */
  #entitlement(caller: Principal, token: string | undefined): Entitlement | undefined {
    if (caller.kind === 'workload' && token === undefined) return { spiffeId: caller.id };
    if (caller.kind !== 'anonymous' || token === undefined || !isToken('enrolment', token)) return undefined;
    const enrolment = this.#authority.find('enrolment', this.#authority.hashOf('enrolment', token))?.body;
    return enrolment?.spiffeId === undefined ? undefined : { spiffeId: enrolment.spiffeId, enrolmentId: enrolment.id };
  }

  async #refuse(caller: Principal, request: RequestContext): Promise<never> {
    await this.#gate.refuse({ caller, action: 'identity:certify', code: 'token_refused', request });
    throw new AccessError('token_refused');
  }

  /** A new certificate begins after all revocations, so that no revoked one may lead to it, however late the revocation comes. */
  async #renew({ id, credential, validity }: Principal, csrPem: string): Promise<Plan<Certificate>> {
    if (isRevoked(this.#authority, credential, id, validity?.from ?? 0)) throw refusedCertificate('revoked');
    const expects = [id, credential].map((subject) => this.#authority.expectation('revocation', subject));
    return { expects, answer: await this.#issue(id, await requestOf(id, csrPem)) };
  }

  async #enrol(id: string, spiffeId: string, csrPem: string): Promise<Plan<Certificate>> {
    const csr = await requestOf(spiffeId, csrPem);
    const held = usableToken(this.#authority, id, this.#clock);
    const { expiresAt, used } = held.body;
    if (used?.spkiHash === csr.spkiHash) return { answer: this.#certificate(used.chain, spiffeId, expiresAt) };
    if (used !== undefined) throw new AccessError('token_refused');
    const answer = await this.#issue(spiffeId, csr);
    const spent = { ...held.body, expiresAt: answer.notAfter, used: { spkiHash: csr.spkiHash, chain: answer.chain } };
    return { writes: [this.#authority.put('enrolment', spent, held)], answer };
  }

  async #issue(spiffeId: string, csr: CertificateRequest): Promise<Certificate> {
    const request = { spiffeId: parseSpiffeId(spiffeId), publicKeySpki: csr.publicKeySpki };
    const { chainPem, notAfter } = await this.#authority.issuing.issue(request, {
      seconds: this.#ttl,
      notBefore: this.#afterRevocation(spiffeId),
    });
    return this.#certificate(chainPem, spiffeId, notAfter.toISOString());
  }

  /** A revocation holds for the certificates that began up to then; the new one begins in the second after it. */
  #afterRevocation(spiffeId: string): Date | undefined {
    const revoked = this.#authority.find('revocation', spiffeId)?.body.revokedAt;
    return revoked === undefined ? undefined : new Date(Date.parse(revoked) + 1000);
  }

  #certificate(chain: string, spiffeId: string, notAfter: string): Certificate {
    const bundle = this.#authority.trustBundles.bundleFor(parseSpiffeId(spiffeId).trustDomain);
    return { chain, trustBundle: (bundle?.certificates ?? []).map(String).join(''), notAfter };
  }
}

/** @throws IdentityError of `checkCertificateRequest`; AccessError `csr_refused` */
async function requestOf(spiffeId: string, csrPem: string): Promise<CertificateRequest> {
  const csr = await checkCertificateRequest(csrPem);
  if (csr.spiffeId === undefined || csr.spiffeId.text === spiffeId) return csr;
  throw new AccessError('csr_refused', 'it asks for another SPIFFE ID');
}
