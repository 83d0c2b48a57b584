import {
  checkCertificateRequest,
  newLine,
  parseSpiffeId,
  type CertificateRequest,
  type Clock,
  type KeyType,
  type LinePlace,
} from '#identity';
import type { RowWrite } from '#authz';
import type { Authority, Held } from '../authority/authority.ts';
import { EndedRecords } from '../authority/ended-records.ts';
import { AccessError } from '../errors.ts';
import type { CertificateLineRecord } from '../authority/records.ts';

/** What a workload gets. */
export interface Certificate {
  /** PEM, the leaf first. */
  readonly chain: string;
  /** PEM of the CAs of its trust domain. */
  readonly trustBundle: string;
  readonly notAfter: string;
}

/** A certificate that is not given out before its line says so. */
export interface Minted {
  readonly certificate: Certificate;
  readonly writes: readonly RowWrite[];
}

/** Whose first certificate it is, and who vouches for that. */
interface Beginning {
  readonly spiffeId: string;
  readonly enrolledBy: string;
  readonly ttl?: number;
  readonly dnsNames?: readonly string[];
}

/** What certificates may be, whoever gets them. */
export interface IssuancePolicy {
  /** Seconds that a certificate lasts, where no rule of an issuer says otherwise. */
  readonly ttl: number;
  /** The kinds of keys that are certified; every strong one where it is left out. */
  readonly keyTypes?: readonly KeyType[];
  /** DNS names that no workload gets: this server's own. */
  readonly reservedNames?: readonly string[];
}

/** Makes certificates of the server's own CA, each with its place in a line. Whether one may be made is known before. */
export class CertificateMint {
  readonly authority: Authority;
  readonly clock: Clock;
  readonly #policy: IssuancePolicy;
  readonly #ended: EndedRecords;

  constructor(authority: Authority, clock: Clock, policy: IssuancePolicy) {
    this.authority = authority;
    this.clock = clock;
    this.#policy = policy;
    this.#ended = new EndedRecords(authority, clock);
  }

  /**
   * The request of somebody who is entitled to this SPIFFE ID.
   *
   * @throws IdentityError of `checkCertificateRequest`; AccessError `csr_refused`
   */
  async requestOf(spiffeId: string, csrPem: string): Promise<CertificateRequest> {
    const csr = await checkCertificateRequest(csrPem);
    const { keyTypes = [csr.keyType] } = this.#policy;
    if (!keyTypes.includes(csr.keyType)) throw new AccessError('csr_refused', `keys that are certified: ${keyTypes.join(', ')}`);
    if (csr.spiffeId === undefined || csr.spiffeId.text === spiffeId) return csr;
    throw new AccessError('csr_refused', 'it asks for another SPIFFE ID');
  }

  /** The first certificate of a new line. What has ended goes with it, so that lines don't pile up. */
  async begin(beginning: Beginning, csr: CertificateRequest): Promise<Minted> {
    const place = { line: newLine(), generation: 1 };
    const certificate = await this.#issue(beginning, csr, place);
    const line = { id: place.line, ...beginning, expiresAt: '', ...latest(certificate, csr, 1) };
    return { certificate, writes: [this.#put(line, undefined), ...this.#ended.take()] };
  }

  /** The next certificate of a line. */
  async next(held: Held<CertificateLineRecord>, csr: CertificateRequest): Promise<Minted> {
    const { id, generation } = held.body;
    const certificate = await this.#issue(held.body, csr, { line: id, generation: generation + 1 });
    return { certificate, writes: [this.#put({ ...held.body, ...latest(certificate, csr, generation + 1) }, held)] };
  }

  /** A certificate that was made before, with the CAs of today. */
  again(chain: string, spiffeId: string, notAfter: string): Certificate {
    const bundle = this.authority.trustBundles.bundleFor(parseSpiffeId(spiffeId).trustDomain);
    return { chain, trustBundle: (bundle?.certificates ?? []).map(String).join(''), notAfter };
  }

  /** With a shorter life in the settings, an earlier certificate may outlive a later one. */
  #put(line: CertificateLineRecord, held: Held<CertificateLineRecord> | undefined): RowWrite {
    const { notAfter, expiresAt } = line;
    return this.authority.put('certificate-line', { ...line, expiresAt: notAfter > expiresAt ? notAfter : expiresAt }, held);
  }

  async #issue({ spiffeId, ttl, dnsNames = [] }: Beginning, csr: CertificateRequest, place: LinePlace): Promise<Certificate> {
    if (dnsNames.some((name) => this.#policy.reservedNames?.includes(name))) throw new AccessError('csr_refused', 'a name of this server');
    const request = { spiffeId: parseSpiffeId(spiffeId), publicKeySpki: csr.publicKeySpki, place, dnsNames };
    const { chainPem, notAfter } = await this.authority.issuing.issue(request, {
      seconds: ttl ?? this.#policy.ttl,
      notBefore: this.#afterRevocation(spiffeId),
    });
    return this.again(chainPem, spiffeId, notAfter.toISOString());
  }

  /** A revocation holds for the certificates that began up to then; the new one begins in the second after it. */
  #afterRevocation(spiffeId: string): Date | undefined {
    const last = this.authority.revocations.lastOf(spiffeId);
    return Number.isFinite(last) ? new Date(last + 1000) : undefined;
  }
}

function latest({ chain, notAfter }: Certificate, { spkiHash }: CertificateRequest, generation: number) {
  return { generation, spkiHash, chain, notAfter };
}
