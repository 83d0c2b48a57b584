import { checkCertificateRequest, parseSpiffeId, type CertificateRequest, type Clock } from '#identity';
import type { Authority } from './authority.ts';
import { AccessError } from './errors.ts';

/** What a workload gets. */
export interface Certificate {
  /** PEM, the leaf first. */
  readonly chain: string;
  /** PEM of the CAs of its trust domain. */
  readonly trustBundle: string;
  readonly notAfter: string;
}

/** Makes certificates of the server's own CA. Whether one may be made is known before. */
export class CertificateMint {
  readonly authority: Authority;
  readonly clock: Clock;
  readonly #ttl: number;

  /** `ttl`: seconds that a certificate lasts. */
  constructor(authority: Authority, clock: Clock, ttl: number) {
    this.authority = authority;
    this.clock = clock;
    this.#ttl = ttl;
  }

  /**
   * The request of somebody who is entitled to this SPIFFE ID.
   *
   * @throws IdentityError of `checkCertificateRequest`; AccessError `csr_refused`
   */
  async requestOf(spiffeId: string, csrPem: string): Promise<CertificateRequest> {
    const csr = await checkCertificateRequest(csrPem);
    if (csr.spiffeId === undefined || csr.spiffeId.text === spiffeId) return csr;
    throw new AccessError('csr_refused', 'it asks for another SPIFFE ID');
  }

  async issue(spiffeId: string, csr: CertificateRequest): Promise<Certificate> {
    const request = { spiffeId: parseSpiffeId(spiffeId), publicKeySpki: csr.publicKeySpki };
    const { chainPem, notAfter } = await this.authority.issuing.issue(request, {
      seconds: this.#ttl,
      notBefore: this.#afterRevocation(spiffeId),
    });
    return this.again(chainPem, spiffeId, notAfter.toISOString());
  }

  /** A certificate that was made before, with the CAs of today. */
  again(chain: string, spiffeId: string, notAfter: string): Certificate {
    const bundle = this.authority.trustBundles.bundleFor(parseSpiffeId(spiffeId).trustDomain);
    return { chain, trustBundle: (bundle?.certificates ?? []).map(String).join(''), notAfter };
  }

  /** A revocation holds for the certificates that began up to then; the new one begins in the second after it. */
  #afterRevocation(spiffeId: string): Date | undefined {
    const last = this.authority.revocations.lastOf(spiffeId);
    return Number.isFinite(last) ? new Date(last + 1000) : undefined;
  }
}
