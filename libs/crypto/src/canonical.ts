import canonicalize from 'canonicalize';
import { CryptoError } from './errors.ts';

/**
 * The one JSON text of a value: RFC 8785 (JCS). Members that are `undefined` are left out.
 * @throws CryptoError `malformed` for what JSON can't hold (a bigint, a cycle, NaN, a lone surrogate, a bare `undefined`)
 */
export function canonicalJson(value: unknown): string {
  const text = serialize(value);
  if (text === undefined) throw new CryptoError('malformed');
  return text;
}

/** `canonicalJson` as UTF-8: what is hashed, signed or sealed. */
export function canonicalBytes(value: unknown): Buffer {
  return Buffer.from(canonicalJson(value));
}

function serialize(value: unknown): string | undefined {
  try {
    return canonicalize(value);
  } catch {
    throw new CryptoError('malformed');
  }
}
