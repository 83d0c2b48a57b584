import { expectTag, readElements, readOnly, Tag } from './der.ts';

const RSASSA_PSS = '2a864886f70d01010a';
/** OIDs as hex of their contents (RFC 4055, 5758, 8410): SHA-2 with RSA or ECDSA, and Ed25519. */
const STRONG = new Set([
  '2a864886f70d01010b',
  '2a864886f70d01010c',
  '2a864886f70d01010d',
  '2a8648ce3d040302',
  '2a8648ce3d040303',
  '2a8648ce3d040304',
  '2b6570',
]);
const SHA_2 = new Set(['608648016503040201', '608648016503040202', '608648016503040203']);
const HASH_ALGORITHM = 0xa0;

/**
 * Whether a certificate's AlgorithmIdentifier names a signature that nobody can forge by finding a collision: not MD5 or SHA-1, also not
 * by RSASSA-PSS, whose hash is SHA-1 where its parameters name none.
 *
 * @throws DerError
 */
export function isStrongSignature(algorithm: Buffer): boolean {
  const [oid, parameters] = readElements(readOnly(algorithm, Tag.sequence).contents);
  const name = expectTag(oid, Tag.oid).contents.toString('hex');
  if (name !== RSASSA_PSS) return STRONG.has(name);
  const [hash] = parameters === undefined ? [] : readElements(expectTag(parameters, Tag.sequence).contents);
  if (hash?.tag !== HASH_ALGORITHM) return false;
  const [hashOid] = readElements(readOnly(hash.contents, Tag.sequence).contents);
  return SHA_2.has(expectTag(hashOid, Tag.oid).contents.toString('hex'));
}
