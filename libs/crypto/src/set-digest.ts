import { CryptoError } from './errors.ts';
import { hmac } from './hashes.ts';
import type { SecretBytes } from './secret-bytes.ts';

const DIGEST_BYTES = 32;
const MODULUS_BITS = 256;

/**
 * The digest of a set, kept up with one addition per change: the sum modulo 2^256 of HMAC-SHA-256(key, element) over its
 * elements, whatever their order. Without the key nobody can make two sets that agree (a keyed additive multiset hash,
 * Clarke et al., Asiacrypt 2003), provided that digests are kept sealed: differences of known ones would say what to swap.
 * The caller adds no element twice and removes only what is there.
 */
export class SetDigest {
  readonly #key: SecretBytes;
  #sum: bigint;

  /** Continues from `start` (32 bytes), or from the empty set. @throws CryptoError `malformed` */
  constructor(key: SecretBytes, start?: Buffer) {
    if (start && start.length !== DIGEST_BYTES) throw new CryptoError('malformed');
    this.#key = key;
    this.#sum = start ? toNumber(start) : 0n;
  }

  add(element: Buffer): void {
    this.#sum = BigInt.asUintN(MODULUS_BITS, this.#sum + this.#term(element));
  }

  remove(element: Buffer): void {
    this.#sum = BigInt.asUintN(MODULUS_BITS, this.#sum - this.#term(element));
  }

  /** The digest of what is in the set now: 32 bytes, all zero for the empty set. */
  get bytes(): Buffer {
    return Buffer.from(this.#sum.toString(16).padStart(2 * DIGEST_BYTES, '0'), 'hex');
  }

  #term(element: Buffer): bigint {
    return toNumber(hmac(this.#key, element));
  }
}

function toNumber(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}
