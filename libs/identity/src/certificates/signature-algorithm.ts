import { constants, verify, type KeyObject } from 'node:crypto';

import { DerError, expectTag, readElements, readOnly, Tag } from './der.ts';

const RSASSA_PSS = '2a864886f70d01010a';
const ED25519 = '2b6570';
/** OIDs as hex of their contents (RFC 4055, 5758): SHA-2 with RSA or ECDSA, by their hash. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['2a864886f70d01010b', 'sha256'],
  ['2a864886f70d01010c', 'sha384'],
  ['2a864886f70d01010d', 'sha512'],
  ['2a8648ce3d040302', 'sha256'],
  ['2a8648ce3d040303', 'sha384'],
  ['2a8648ce3d040304', 'sha512'],
]);
const SHA_2: ReadonlyMap<string, string> = new Map([
  ['608648016503040201', 'sha256'],
  ['608648016503040202', 'sha384'],
  ['608648016503040203', 'sha512'],
]);
const HASH_ALGORITHM = 0xa0;

/** How to check a signature: its hash, null where the algorithm has its own. */
interface Algorithm {
  readonly hash: string | null;
  readonly pss: boolean;
}

/**
 * Whether a certificate's AlgorithmIdentifier names a signature that nobody can forge by finding a collision: not MD5 or SHA-1, also not
 * by RSASSA-PSS, whose hash is SHA-1 where its parameters name none.
 *
 * @throws DerError
 */
export function isStrongSignature(algorithm: Buffer): boolean {
  return read(algorithm) !== undefined;
}

/** Whether `key` made a strong signature over these bytes. @throws DerError */
export function isSignedBy(key: KeyObject, algorithm: Buffer, signed: { readonly bytes: Buffer; readonly signature: Buffer }): boolean {
  const known = read(algorithm);
  if (known === undefined) return false;
  const options = known.pss ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO } : key;
  try {
    return verify(known.hash, signed.bytes, options, signed.signature);
  } catch {
    // A key of another kind than the algorithm.
    return false;
  }
}

function read(algorithm: Buffer): Algorithm | undefined {
  const [oid, parameters] = readElements(readOnly(algorithm, Tag.sequence).contents);
  const name = expectTag(oid, Tag.oid).contents.toString('hex');
  if (name === ED25519) return { hash: null, pss: false };
  const hash = name === RSASSA_PSS ? hashOfPss(parameters?.bytes) : HASHES.get(name);
  return hash === undefined ? undefined : { hash, pss: name === RSASSA_PSS };
}

function hashOfPss(parameters: Buffer | undefined): string | undefined {
  if (parameters === undefined) throw new DerError('no parameters');
  const [hash] = readElements(readOnly(parameters, Tag.sequence).contents);
  if (hash?.tag !== HASH_ALGORITHM) return undefined;
  const [oid] = readElements(readOnly(hash.contents, Tag.sequence).contents);
  return SHA_2.get(expectTag(oid, Tag.oid).contents.toString('hex'));
}
