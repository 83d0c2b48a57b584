import { createPublicKey, X509Certificate } from 'node:crypto';

import { IdentityError } from '../errors.ts';
import { anchorDefectOf } from './trust-bundle.ts';

/** A trust bundle as PEM, or as a SPIFFE bundle document (SPIFFE Trust Domain and Bundle, section 4). */
export type BundleDocument = { readonly pem: string } | { readonly jwks: SpiffeDocument };

/** A JWK Set. What other members and keys there are is none of ours. */
export interface SpiffeDocument {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
  readonly spiffe_sequence?: number;
  readonly spiffe_refresh_hint?: number;
}

export interface BundleContents {
  readonly certificates: readonly X509Certificate[];
  /** Grows with each change of what the bundle is a copy of. */
  readonly sequence?: number;
  /** Seconds after which to look for another. */
  readonly refreshHint?: number;
}

const MOST_CERTIFICATES = 32;
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----/g;

/**
 * Reads the bundle of a trust domain: only CA certificates that may sign its workloads'. An empty JWK Set is what SPIFFE means by a domain
 * in which nobody is trusted.
 *
 * @throws IdentityError `trust_bundle_refused`; its hint says which certificate, and what is wrong with it
 */
export function readBundle(document: BundleDocument, trustDomain: string): BundleContents {
  const contents = 'pem' in document ? { certificates: readPem(document.pem) } : readJwks(document.jwks);
  const certificates = [...new Map(contents.certificates.map((certificate) => [certificate.fingerprint256, certificate])).values()];
  if (certificates.length > MOST_CERTIFICATES) throw refused(`at most ${MOST_CERTIFICATES} certificates`);
  for (const [at, certificate] of certificates.entries()) {
    const defect = anchorDefectOf(certificate, trustDomain);
    if (defect !== undefined) throw refused(`certificate ${at + 1}: ${defect}`);
    // OpenSSL, which has to agree in the handshake, follows a chain to a root only.
    if (!certificates.some((issuer) => isIssuedBy(certificate, issuer)))
      throw refused(`certificate ${at + 1}: its issuer is not in the bundle`);
  }
  return { ...contents, certificates };
}

/** The bundle document of a trust domain, X.509 only. */
export function spiffeDocument(certificates: readonly X509Certificate[], sequence: number, refreshHint: number): SpiffeDocument {
  const keys = certificates.map((certificate) => {
    const jwk = certificate.publicKey.export({ format: 'jwk' });
    return { ...jwk, use: 'x509-svid', x5c: [certificate.raw.toString('base64')] };
  });
  return { keys, spiffe_sequence: sequence, spiffe_refresh_hint: refreshHint };
}

function readPem(pem: string): X509Certificate[] {
  const blocks = [...pem.matchAll(BLOCK)];
  if (blocks.some(([, label = '']) => label.includes('PRIVATE KEY'))) throw refused('it holds a private key, which is now known elsewhere');
  if (blocks.length === 0 || blocks.some(([, label]) => label !== 'CERTIFICATE')) throw refused('PEM holds certificates and nothing else');
  return blocks.map(([, , base64 = ''], at) => readCertificateOf(base64, at));
}

function readJwks({ keys, spiffe_sequence: sequence, spiffe_refresh_hint: refreshHint }: SpiffeDocument): BundleContents {
  const certificates = keys.flatMap((key, at) => (key['use'] === 'x509-svid' && typeof key['kty'] === 'string' ? [readJwk(key, at)] : []));
  return { certificates, sequence, refreshHint };
}

/** Section 4.2.1: `x5c` is exactly one certificate, and that of the key. */
function readJwk(jwk: SpiffeDocument['keys'][number], at: number): X509Certificate {
  const chain = jwk['x5c'];
  const [base64, ...more]: unknown[] = Array.isArray(chain) ? chain : [];
  if (typeof base64 !== 'string' || more.length > 0) throw refused(`key ${at + 1}: x5c is one certificate`);
  const certificate = readCertificateOf(base64, at);
  if (!isKeyOf(jwk, certificate)) throw refused(`key ${at + 1}: not the key of its certificate`);
  return certificate;
}

function isKeyOf(jwk: SpiffeDocument['keys'][number], certificate: X509Certificate): boolean {
  const key = Object.fromEntries(['kty', 'n', 'e', 'crv', 'x', 'y'].map((name) => [name, jwk[name]]));
  try {
    return createPublicKey({ key, format: 'jwk' }).equals(certificate.publicKey);
  } catch {
    return false;
  }
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function readCertificateOf(base64: string, at: number): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    throw refused(`certificate ${at + 1}: malformed`);
  }
}

function refused(hint: string): IdentityError {
  return new IdentityError('trust_bundle_refused', hint);
}
