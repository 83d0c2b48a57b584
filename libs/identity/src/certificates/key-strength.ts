import type { KeyObject, X509Certificate } from 'node:crypto';

import { DerError } from './der.ts';

const CURVES = new Set(['prime256v1', 'secp384r1', 'secp521r1']);
const RSA_BITS = { least: 2048, most: 8192 };
const RSA_EXPONENT = { least: 65_537n, most: 0xffff_ffffn };

/**
 * Whether a public key may prove an identity: P-256, P-384, P-521, Ed25519, or RSA within bounds. The upper bounds are there because
 * the cost of verifying grows with them and falls on whoever verifies.
 */
export function isStrongKey(key: KeyObject, leastRsaBits = RSA_BITS.least): boolean {
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return true;
    case 'ec':
      return CURVES.has(key.asymmetricKeyDetails?.namedCurve ?? '');
    case 'rsa':
      return isStrongRsa(key, leastRsaBits);
    default:
      return false;
  }
}

function isStrongRsa({ asymmetricKeyDetails }: KeyObject, leastBits: number): boolean {
  const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails ?? {};
  const inBounds = modulusLength >= leastBits && modulusLength <= RSA_BITS.most;
  return inBounds && publicExponent >= RSA_EXPONENT.least && publicExponent <= RSA_EXPONENT.most;
}

/** The kinds of keys that a policy tells apart. */
export type KeyType = 'p256' | 'p384' | 'p521' | 'ed25519' | 'rsa';

const TYPE_OF_CURVE: Readonly<Record<string, KeyType>> = { prime256v1: 'p256', secp384r1: 'p384', secp521r1: 'p521' };

/** Undefined for a kind that is not accepted anywhere. */
export function keyTypeOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): KeyType | undefined {
  if (asymmetricKeyType === 'ed25519' || asymmetricKeyType === 'rsa') return asymmetricKeyType;
  return TYPE_OF_CURVE[asymmetricKeyDetails?.namedCurve ?? ''];
}

/** A certificate's key, which OpenSSL decodes only when it is asked for. @throws DerError when it can't */
export function publicKeyOf(certificate: X509Certificate): KeyObject {
  try {
    return certificate.publicKey;
  } catch {
    throw new DerError('not a public key');
  }
}
