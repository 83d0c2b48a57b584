import { createHash, createHmac, hash, hkdfSync, timingSafeEqual } from 'node:crypto';
import { associatedData } from './associated-data.ts';
import { SecretBytes } from './secret-bytes.ts';

/** SHA-256 (FIPS 180-4) over the parts as they stand, one after the other: 32 bytes. Frame parts of varying length yourself. */
export function sha256(...parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  if (only && parts.length === 1) return hash('sha256', only, 'buffer');
  const hashing = createHash('sha256');
  for (const part of parts) hashing.update(part);
  return hashing.digest();
}

/** HMAC-SHA-256 (RFC 2104) over the parts as they stand, one after the other: 32 bytes. @throws CryptoError `wiped` */
export function hmac(key: SecretBytes, ...parts: readonly Buffer[]): Buffer {
  const mac = createHmac('sha256', key.bytes);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** An independent 256-bit key for one purpose, from a uniformly random one: HKDF-SHA-256 (RFC 5869), the purpose as `info`. */
export function deriveKey(key: SecretBytes, purpose: string): SecretBytes {
  const info = associatedData('derive', purpose);
  return new SecretBytes(Buffer.from(hkdfSync('sha256', key.bytes, Buffer.alloc(0), info, 32)));
}

/** Whether two byte strings are equal, in time that depends on their lengths alone. */
export function constantTimeEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
