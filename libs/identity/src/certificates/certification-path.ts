import type { X509Certificate } from 'node:crypto';

import type { CertificateDefect } from './certificate-defect.ts';
import { caDateDefectOf, caDefectOf, isOfTrustDomain, pathLengthOf } from './certificate-usage.ts';
import { readLink, type Link, type SignedList } from './chain-link.ts';
import { DerError } from './der.ts';
import { isStrongKey } from './key-strength.ts';
import { permits } from './name-constraints.ts';
import { canonicalSerial, type RevocationList } from './revocation-list.ts';
import { isStrongSignature } from './signature-algorithm.ts';

/** Whether a chain leads to a trust bundle, and when the first of it ends (milliseconds since the epoch, the last at which it holds). */
export type Chain = { readonly ok: true; readonly until: number } | { readonly ok: false; readonly defect: CertificateDefect };

interface Surroundings {
  /** What the peer sent beside its leaf. */
  readonly sent: readonly X509Certificate[];
  /** The trust bundle's certificates of the name that a certificate gives its issuer. */
  readonly anchorsOf: (child: Link) => readonly Link[];
  readonly lists: readonly SignedList[];
  readonly trustDomain: string;
  readonly now: number;
}

/** A path of real signatures from a leaf to an anchor. Each certificate that was sent is followed once at most. */
export function findPath(leaf: Link, surroundings: Surroundings): Chain {
  return new PathSearch(surroundings).from(leaf);
}

class PathSearch {
  readonly #given: Surroundings;
  readonly #unvisited: Set<Link>;
  #defect: CertificateDefect = 'untrusted';
  /** How far the path led whose defect is told; further by half where it is certain who signed. */
  #rank = 0;

  constructor(given: Surroundings) {
    this.#given = given;
    this.#unvisited = new Set(given.sent.flatMap((certificate) => readLink(certificate) ?? []));
  }

  from(leaf: Link): Chain {
    const until = this.#reach([leaf]);
    return until === undefined ? { ok: false, defect: this.#defect } : { ok: true, until };
  }

  /** Until when the path holds that goes on from its last certificate to an anchor; undefined where there is none. */
  #reach(path: readonly Link[]): number | undefined {
    const child = path.at(-1) as Link;
    for (const anchor of this.#given.anchorsOf(child)) {
      const whole = [...path, anchor];
      if (this.#follows(anchor, path) && this.#stands(anchor, whole)) return Math.min(...whole.map((link) => this.#endOf(link)));
    }
    // Each is followed once at most, so that nobody can make this try all their orders.
    for (const issuer of this.#unvisited) {
      if (!issuer.fields.subject.equals(child.fields.issuer) || !this.#follows(issuer, path)) continue;
      this.#unvisited.delete(issuer);
      const until = this.#reach([...path, issuer]);
      if (until !== undefined) return until;
    }
    return undefined;
  }

  /** Whether an issuer of the right name signed the last of the path and may have. The signature comes last: it is what costs. */
  #follows(issuer: Link, path: readonly Link[]): boolean {
    const child = path.at(-1) as Link;
    // What checking costs grows with the key; nobody pays for one that would not do.
    if (!isStrongKey(issuer.key)) return this.#blame('ca_weak_key', path.length + 0.5);
    const defect = this.#defectOf(issuer, path) ?? this.#revocationOf(issuer, child);
    if (!child.certificate.verify(issuer.key)) return this.#blame('bad_signature', path.length);
    return defect === undefined || this.#blame(defect === 'revoked' && path.length > 1 ? 'ca_revoked' : defect, path.length + 0.5);
  }

  /** Whether no CA above an anchor, where that is an intermediate, says in its list that it is revoked. */
  #stands(anchor: Link, path: readonly Link[]): boolean {
    for (const { signer } of this.#given.lists) {
      const isAbove = signer.fields.subject.equals(anchor.fields.issuer) && signer.certificate !== anchor.certificate;
      const defect = isAbove && anchor.certificate.verify(signer.key) ? this.#revocationOf(signer, anchor) : undefined;
      if (defect !== undefined) return this.#blame(defect === 'revoked' ? 'ca_revoked' : defect, path.length + 0.5);
    }
    return true;
  }

  /** What the list of an issuer says of what it signed. One that should have been replaced by now says that nothing is good. */
  #revocationOf(issuer: Link, child: Link): 'revoked' | 'crl_expired' | undefined {
    const list = this.#listOf(issuer);
    if (list === undefined) return undefined;
    if (this.#given.now > list.nextUpdate) return 'crl_expired';
    return list.serials.has(canonicalSerial(child.fields.serial)) ? 'revoked' : undefined;
  }

  /** By name and key: whatever certificate of an issuer a peer sends, its list holds. */
  #listOf({ fields, key }: Link): RevocationList | undefined {
    return this.#given.lists.find(({ signer }) => signer.fields.subject.equals(fields.subject) && signer.key.equals(key))?.list;
  }

  #endOf(link: Link): number {
    return Math.min(link.fields.notAfter, this.#listOf(link)?.nextUpdate ?? Infinity);
  }

  #defectOf(issuer: Link, path: readonly Link[]): CertificateDefect | undefined {
    const { fields } = issuer;
    const below = path.length - 1;
    try {
      if (below > 0 && !isStrongSignature((path.at(-1) as Link).fields.signature)) return 'ca_weak_signature';
      const defect = caDefectOf(fields) ?? caDateDefectOf(fields, this.#given.now);
      if (defect !== undefined) return defect;
      if (!isOfTrustDomain(fields, this.#given.trustDomain)) return 'ca_wrong_trust_domain';
      if (pathLengthOf(fields) < below) return 'path_too_long';
      return path.every((link) => permits(fields, link.fields)) ? undefined : 'name_not_permitted';
    } catch (error) {
      if (error instanceof DerError) return 'malformed';
      throw error;
    }
  }

  #blame(defect: CertificateDefect, rank: number): false {
    if (rank > this.#rank) [this.#defect, this.#rank] = [defect, rank];
    return false;
  }
}
