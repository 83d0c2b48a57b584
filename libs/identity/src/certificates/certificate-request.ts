import { createPublicKey } from 'node:crypto';

import { sha256 } from '#crypto';

import { readUriNames } from './certificate-fields.ts';
import { DerError } from './der.ts';
import { IdentityError } from '../errors.ts';
import { isStrongKey, keyTypeOf, type KeyType } from './key-strength.ts';
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
  readonly keyType: KeyType;
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
  const { pkcs10, publicKeySpki, asked } = readRequest(await loadX509(), text);
  const keyType = strongTypeOf(publicKeySpki);
  if (keyType === undefined) throw new IdentityError('csr_weak_key', 'P-256, P-384, P-521, Ed25519 or RSA from 3072 bits');
  if (!(await isSignedByItsKey(pkcs10))) throw new IdentityError('csr_not_proven');
  return { spiffeId: spiffeIdOf(asked), publicKeySpki, spkiHash: sha256(publicKeySpki).toString('hex'), keyType };
}

type Pkcs10 = InstanceType<X509['Pkcs10CertificateRequest']>;

/** All that a request may ask for. */
interface Asked {
  readonly hasSubject: boolean;
  readonly attributes: readonly string[];
  readonly extensions: readonly { readonly type: string; readonly value: Buffer }[];
}

/** The library parses some of it only when it is asked, so that everything is read here: it throws errors of many kinds. */
function readRequest(x509: X509, text: string): { pkcs10: Pkcs10; publicKeySpki: Buffer; asked: Asked } {
  if (text.length > MAX_LENGTH) throw new IdentityError('malformed_csr');
  try {
    const pkcs10 = new x509.Pkcs10CertificateRequest(text);
    const asked = {
      hasSubject: pkcs10.subjectName.toJSON().length > 0,
      attributes: pkcs10.attributes.map(({ type }) => type),
      extensions: pkcs10.extensions.map(({ type, value }) => ({ type, value: Buffer.from(value) })),
    };
    return { pkcs10, publicKeySpki: Buffer.from(pkcs10.publicKey.rawData), asked };
  } catch {
    throw new IdentityError('malformed_csr');
  }
}

function strongTypeOf(spki: Buffer): KeyType | undefined {
  try {
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    return isStrongKey(key, LEAST_RSA_BITS) ? keyTypeOf(key) : undefined;
  } catch {
    return undefined;
  }
}

/** The library throws for a signature algorithm that does not fit the key, and answers for one that does. */
function isSignedByItsKey(pkcs10: Pkcs10): Promise<boolean> {
  return pkcs10.verify().catch(() => false);
}

function spiffeIdOf({ hasSubject, attributes, extensions }: Asked): SpiffeId | undefined {
  if (hasSubject) throw asksForMore();
  if (attributes.length === 0) return undefined;
  const [extension] = extensions;
  const onlyExtensions = attributes.length === 1 && attributes[0] === EXTENSION_REQUEST;
  if (!onlyExtensions || extensions.length !== 1 || extension?.type !== SUBJECT_ALT_NAME) throw asksForMore();
  const { uris, others } = readNames(extension.value);
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
