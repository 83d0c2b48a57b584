import type { KeyObject, X509Certificate } from 'node:crypto';

import { readCertificate, type CertificateFields } from './certificate-fields.ts';
import { hasUnknownCriticalExtension, isInDate, maySignClients, pathLengthOf } from './certificate-usage.ts';
import { DerError } from './der.ts';
import { IdentityError } from './errors.ts';
import { isStrongKey, publicKeyOf } from './key-strength.ts';
import { parseTrustDomain } from './spiffe-id.ts';

/** A certificate with what is asked of it more than once. */
interface Link {
  readonly certificate: X509Certificate;
  readonly fields: CertificateFields;
  readonly key: KeyObject;
}

/** More certificates than this beside the leaf are not looked at: what a peer sends is its own choice, and each costs a signature. */
const MAX_INTERMEDIATES = 4;

/**
 * The CA certificates of one trust domain. Bundles are never pooled: a certificate of domain A that is signed by a CA of domain B is
 * refused, although Node, which pools all CAs, has accepted it in the handshake.
 */
export class TrustBundle {
  readonly trustDomain: string;
  readonly certificates: readonly X509Certificate[];
  readonly #anchorsBySubject = new Map<string, Link[]>();

  /** @throws IdentityError `invalid_trust_domain`, or `invalid_trust_bundle` for a certificate that may not sign a workload's. */
  constructor(trustDomain: string, certificates: readonly X509Certificate[]) {
    this.trustDomain = parseTrustDomain(trustDomain);
    this.certificates = certificates;
    for (const certificate of certificates) this.#add(certificate);
  }

  /**
   * Whether a path of real signatures leads from the leaf, the first of `presented`, to one of this bundle's certificates, over what the
   * peer presented and over CAs only (RFC 5280 §6.1, without name constraints: a CA that carries them is not followed).
   *
   * It builds its own path. OpenSSL has verified one to the pooled CAs, but Node tells what the peer sent, in the order in which it was
   * sent, decoys included, and not what was verified.
   */
  anchors(presented: readonly X509Certificate[], now: Date): boolean {
    const [leaf, ...sent] = presented.slice(0, 1 + MAX_INTERMEDIATES);
    const link = leaf && readLink(leaf, () => true);
    return link !== undefined && this.#reaches(link, new Set(sent), now.getTime(), 0);
  }

  /** Each certificate of `unvisited` is followed once at most, so that nobody can make this try all their orders. */
  #reaches(child: Link, unvisited: Set<X509Certificate>, now: number, below: number): boolean {
    const anchors = this.#anchorsBySubject.get(nameKey(child.fields.issuer)) ?? [];
    if (anchors.some((anchor) => signs(anchor, child, now, below))) return true;
    for (const certificate of unvisited) {
      const issuer = readLink(certificate, maySign);
      if (issuer === undefined || !signs(issuer, child, now, below)) continue;
      unvisited.delete(certificate);
      if (this.#reaches(issuer, unvisited, now, below + 1)) return true;
    }
    return false;
  }

  #add(certificate: X509Certificate): void {
    const link = readLink(certificate, maySign);
    if (link === undefined) throw new IdentityError('invalid_trust_bundle');
    const key = nameKey(link.fields.subject);
    this.#anchorsBySubject.set(key, [...(this.#anchorsBySubject.get(key) ?? []), link]);
  }
}

/** The bundles of all trust domains that are trusted, each on its own. */
export class TrustBundles {
  readonly #byDomain: ReadonlyMap<string, TrustBundle>;

  constructor(bundles: Iterable<TrustBundle>) {
    this.#byDomain = new Map(Array.from(bundles, (bundle) => [bundle.trustDomain, bundle]));
  }

  bundleFor(trustDomain: string): TrustBundle | undefined {
    return this.#byDomain.get(trustDomain);
  }

  /** Every CA certificate as PEM: what a TLS listener must be given, since OpenSSL knows one pool only. */
  pems(): string[] {
    return Array.from(this.#byDomain.values()).flatMap((bundle) => bundle.certificates.map(String));
  }
}

/**
 * What a TLS peer presented, its leaf first, from `socket.getPeerX509Certificate()`. Node links the certificates in the order in which
 * they were sent; nothing says that one issued the other.
 */
export function presentedBy(leaf: X509Certificate): X509Certificate[] {
  const presented: X509Certificate[] = [];
  for (let next: X509Certificate | undefined = leaf; next && presented.length <= MAX_INTERMEDIATES; next = next.issuerCertificate) {
    presented.push(next);
  }
  return presented;
}

/** `below` counts the intermediates between the issuer and the leaf. The signature comes last: it is what costs. */
function signs(issuer: Link, child: Link, now: number, below: number): boolean {
  return (
    issuer.fields.subject.equals(child.fields.issuer) &&
    isInDate(issuer.fields, now) &&
    pathLengthOf(issuer.fields) >= below &&
    child.certificate.verify(issuer.key)
  );
}

function maySign({ fields, key }: Link): boolean {
  return maySignClients(fields) && !hasUnknownCriticalExtension(fields) && isStrongKey(key);
}

/** Undefined where it is not fit, or can't be read: what a peer adds for others is no reason to refuse it. */
function readLink(certificate: X509Certificate, isFit: (link: Link) => boolean): Link | undefined {
  try {
    const link = { certificate, fields: readCertificate(certificate.raw), key: publicKeyOf(certificate) };
    return isFit(link) ? link : undefined;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function nameKey(name: Buffer): string {
  return name.toString('latin1');
}
