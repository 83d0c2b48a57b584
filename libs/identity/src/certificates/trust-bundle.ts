import type { X509Certificate } from 'node:crypto';

import type { CertificateDefect } from './certificate-defect.ts';
import { KeyUsage } from './certificate-fields.ts';
import { caDefectOf, isOfTrustDomain, maySign } from './certificate-usage.ts';
import { findPath, type Chain } from './certification-path.ts';
import { readLink, type Link, type SignedList } from './chain-link.ts';
import { DerError } from './der.ts';
import { IdentityError } from '../errors.ts';
import { isStrongKey } from './key-strength.ts';
import type { RevocationList } from './revocation-list.ts';
import { isSignedBy } from './signature-algorithm.ts';
import { parseTrustDomain } from './spiffe-id.ts';

/** More certificates than this beside the leaf are not followed: what a peer sends is its own choice, and each costs a signature. */
const MAX_INTERMEDIATES = 4;
/** Trust domains that are looked at, beside its own, for one whose CA signed a certificate. */
const MAX_OTHERS = 4;

/**
 * The CA certificates of one trust domain. Bundles are never pooled: a certificate of domain A that is signed by a CA of domain B is
 * refused, although Node, which pools all CAs, has accepted it in the handshake.
 */
export class TrustBundle {
  readonly trustDomain: string;
  readonly certificates: readonly X509Certificate[];
  /** The revocation lists of its CAs, each with the CA that signed it. */
  readonly lists: readonly SignedList[];
  readonly #anchors: readonly Link[];
  readonly #anchorsBySubject: ReadonlyMap<string, readonly Link[]>;

  /**
   * A list that none of the CAs signed is left out: its CA is trusted no longer.
   *
   * @throws IdentityError `invalid_trust_domain`, or `invalid_trust_bundle` for a certificate that may not sign a workload's
   */
  constructor(trustDomain: string, certificates: readonly X509Certificate[], lists: readonly RevocationList[] = []) {
    this.trustDomain = parseTrustDomain(trustDomain);
    this.certificates = certificates;
    this.#anchors = certificates.map((certificate) => anchorOf(certificate, trustDomain));
    this.#anchorsBySubject = Map.groupBy(this.#anchors, ({ fields }) => nameKey(fields.subject));
    this.lists = lists.flatMap((list) => {
      const signer = this.signerOf(list);
      return signer === undefined ? [] : [{ list, signer }];
    });
  }

  /**
   * Whether a path of real signatures leads from the leaf, the first of `presented`, to one of this bundle's certificates, over what the
   * peer presented and over CAs only (RFC 5280 §6.1), and until when it does; or what is wrong with the path that leads furthest.
   *
   * It builds its own path. OpenSSL has verified one to the pooled CAs, but Node tells what the peer sent, in the order in which it was
   * sent, decoys included, and not what was verified.
   */
  examine(presented: readonly X509Certificate[], now: Date): Chain {
    const [leaf, ...sent] = presented;
    const link = leaf && readLink(leaf);
    if (link === undefined) return { ok: false, defect: leaf === undefined ? 'no_certificate' : 'malformed' };
    const chain = findPath(link, {
      sent: sent.slice(0, MAX_INTERMEDIATES),
      anchorsOf: (child) => this.#namesakesOfIssuer(child),
      lists: this.lists,
      trustDomain: this.trustDomain,
      now: now.getTime(),
    });
    return !chain.ok && chain.defect === 'untrusted' && sent.length > MAX_INTERMEDIATES ? { ok: false, defect: 'chain_too_long' } : chain;
  }

  /** The same CAs with these lists. */
  withLists(lists: readonly RevocationList[]): TrustBundle {
    return new TrustBundle(this.trustDomain, this.certificates, lists);
  }

  /** The CA of this bundle that signed a revocation list and may. */
  signerOf(list: RevocationList): Link | undefined {
    const namesakes = this.#anchorsBySubject.get(nameKey(list.issuer)) ?? [];
    return namesakes.find(({ fields, key }) => maySign(fields, KeyUsage.cRLSign) && isSignedBy(key, list.algorithm, list.signed));
  }

  /** The names, as keys, of the CAs in it. */
  subjects(): Iterable<string> {
    return this.#anchorsBySubject.keys();
  }

  #namesakesOfIssuer({ fields }: Link): readonly Link[] {
    return this.#anchorsBySubject.get(nameKey(fields.issuer)) ?? [];
  }
}

/** What keeps a certificate from being in the bundle of a trust domain. Its dates don't: a bundle may hold what comes and what was. */
export function anchorDefectOf(certificate: X509Certificate, trustDomain: string): CertificateDefect | undefined {
  const link = readLink(certificate);
  if (link === undefined) return 'malformed';
  try {
    const defect = caDefectOf(link.fields) ?? (isStrongKey(link.key) ? undefined : 'ca_weak_key');
    return defect ?? (isOfTrustDomain(link.fields, trustDomain) ? undefined : 'ca_wrong_trust_domain');
  } catch (error) {
    if (error instanceof DerError) return 'malformed';
    throw error;
  }
}

/** The bundles of all trust domains that are trusted, each on its own. */
export class TrustBundles implements Iterable<TrustBundle> {
  readonly #byDomain: ReadonlyMap<string, TrustBundle>;
  /** The trust domains that have a CA of a name. */
  readonly #bySubject = new Map<string, TrustBundle[]>();

  constructor(bundles: Iterable<TrustBundle>) {
    this.#byDomain = new Map(Array.from(bundles, (bundle) => [bundle.trustDomain, bundle]));
    for (const bundle of this.#byDomain.values()) {
      for (const subject of bundle.subjects()) this.#bySubject.set(subject, [...(this.#bySubject.get(subject) ?? []), bundle]);
    }
  }

  bundleFor(trustDomain: string): TrustBundle | undefined {
    return this.#byDomain.get(trustDomain);
  }

  [Symbol.iterator](): Iterator<TrustBundle> {
    return this.#byDomain.values();
  }

  /**
   * What the bundle of a trust domain says of a chain ({@link TrustBundle.examine}); `wrong_trust_domain` where it is another one's CA that
   * signed, and `foreign_trust_domain` where the domain has no bundle.
   */
  examine(trustDomain: string, presented: readonly X509Certificate[], now: Date): Chain {
    const own = this.#byDomain.get(trustDomain);
    if (own === undefined) return { ok: false, defect: 'foreign_trust_domain' };
    const chain = own.examine(presented, now);
    const isOfOthers = !chain.ok && (chain.defect === 'untrusted' || chain.defect === 'bad_signature');
    return isOfOthers && this.#othersAnchor(own, presented, now) ? { ok: false, defect: 'wrong_trust_domain' } : chain;
  }

  /** Every CA certificate as PEM: what a TLS listener must be given, since OpenSSL knows one pool only. */
  pems(): string[] {
    return Array.from(this.#byDomain.values()).flatMap((bundle) => bundle.certificates.map(String));
  }

  /** Only the bundles that have a CA of an issuer's name are asked, and few of those: a stranger must not make this check many signatures. */
  #othersAnchor(own: TrustBundle, presented: readonly X509Certificate[], now: Date): boolean {
    const links = presented.slice(0, 1 + MAX_INTERMEDIATES).map(readLink);
    const named = links.flatMap((link) => (link === undefined ? [] : (this.#bySubject.get(nameKey(link.fields.issuer)) ?? [])));
    const others = [...new Set(named)].filter((bundle) => bundle !== own).slice(0, MAX_OTHERS);
    return others.some((bundle) => bundle.examine(presented, now).ok);
  }
}

/**
 * What a TLS peer presented, its leaf first, from `socket.getPeerX509Certificate()`. Node links the certificates in the order in which
 * they were sent; nothing says that one issued the other. One more than is followed is shown, so that too long a chain is told as such.
 */
export function presentedBy(leaf: X509Certificate): X509Certificate[] {
  const presented: X509Certificate[] = [];
  for (let next: X509Certificate | undefined = leaf; next && presented.length <= 1 + MAX_INTERMEDIATES; next = next.issuerCertificate) {
    presented.push(next);
  }
  return presented;
}

function anchorOf(certificate: X509Certificate, trustDomain: string): Link {
  const link = anchorDefectOf(certificate, trustDomain) === undefined ? readLink(certificate) : undefined;
  if (link === undefined) throw new IdentityError('invalid_trust_bundle');
  return link;
}

function nameKey(name: Buffer): string {
  return name.toString('latin1');
}
