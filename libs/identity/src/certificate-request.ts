import { createPublicKey } from 'node:crypto';

import { sha256 } from '#crypto';

import { readUriNames } from './certificate-fields.ts';
import { DerError } from './der.ts';
import { IdentityError } from './errors.ts';
import { isStrongKey } from './key-strength.ts';
import { parseSpiffeId, type SpiffeId } from './spiffe-id.ts';
import { loadX509, type X509 } from './x509.ts';

/** A certificate signing request that was found to ask for at most one SPIFFE ID and to be signed by its own key. */
export interface CertificateRequest {
  /** Absent where the request names nobody: then it is for whom its sender is entitled to. */
  readonly spiffeId?: SpiffeId;
  /** DER of the SubjectPublicKeyInfo. */
  readonly publicKeySpki: Buffer;
  /** Lower-case hex of SHA-256 over `publicKeySpki`: the same key asks again. */
  readonly spkiHash: string;
}

/** New keys are held to 128 bits of strength (NIST SP 800-57), where certificates of other CAs may still have 112. */
const LEAST_RSA_BITS = 3072;
const MAX_LENGTH = 16 * 1024;
const SUBJECT_ALT_NAME = '2.5.29.17';
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

/**
 * Reads a PKCS #10 request (RFC 2986), as PEM or the base64 of its DER. It may hold an empty subject, and one extension request with
 * one SubjectAltName of one URI, but nothing else: what would be ignored is refused instead.
 *
 * @throws IdentityError `malformed_csr`, `csr_weak_key`, `csr_not_proven`, `csr_asks_for_more` or `invalid_spiffe_id`
 */
export async function checkCertificateRequest(text: string): Promise<CertificateRequest> {
  const request = readRequest(await loadX509(), text);
  const publicKeySpki = Buffer.from(request.publicKey.rawData);
  if (!isStrongSpki(publicKeySpki)) throw new IdentityError('csr_weak_key', 'P-256, P-384, P-521, Ed25519 or RSA from 3072 bits');
  if (!(await request.verify())) throw new IdentityError('csr_not_proven');
  return { spiffeId: spiffeIdOf(request), publicKeySpki, spkiHash: sha256(publicKeySpki).toString('hex') };
}

type Pkcs10 = InstanceType<X509['Pkcs10CertificateRequest']>;

function readRequest(x509: X509, text: string): Pkcs10 {
  if (text.length > MAX_LENGTH) throw new IdentityError('malformed_csr');
  try {
    return new x509.Pkcs10CertificateRequest(text);
  } catch {
    throw new IdentityError('malformed_csr');
  }
}

function isStrongSpki(key: Buffer): boolean {
  try {
    return isStrongKey(createPublicKey({ key, format: 'der', type: 'spki' }), LEAST_RSA_BITS);
  } catch {
    return false;
  }
}

function spiffeIdOf({ subjectName, attributes, extensions }: Pkcs10): SpiffeId | undefined {
  if (subjectName.toJSON().length > 0) throw asksForMore();
  if (attributes.length === 0) return undefined;
  const [extension] = extensions;
  const onlyExtensions = attributes.length === 1 && attributes[0]?.type === EXTENSION_REQUEST;
  if (!onlyExtensions || extensions.length !== 1 || extension?.type !== SUBJECT_ALT_NAME) throw asksForMore();
  const { uris, others } = readNames(Buffer.from(extension.value));
  const [uri] = uris;
  if (uri === undefined || uris.length > 1 || others > 0) throw asksForMore();
  return parseSpiffeId(uri);
}

function readNames(subjectAltName: Buffer): ReturnType<typeof readUriNames> {
  try {
    return readUriNames(subjectAltName);
  } catch (error) {
    if (error instanceof DerError) throw new IdentityError('malformed_csr');
    throw error;
  }
}

function asksForMore(): IdentityError {
  return new IdentityError('csr_asks_for_more', 'an empty subject and one URI as the only subject alternative name');
}
