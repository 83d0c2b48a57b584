import { gcmOpen, gcmSeal, NONCE_BYTES } from './aes.ts';
import { CryptoError } from './errors.ts';
import { RandomPool } from './random-pool.ts';
import type { SecretBytes } from './secret-bytes.ts';
import { MessageKeys } from './xaes-kdf.ts';

const XAES_NONCE_BYTES = 24;

const nonces = new RandomPool(256 * XAES_NONCE_BYTES);

/**
 * XAES-256-GCM (https://c2sp.org/XAES-256-GCM) under one long-lived 256-bit key.
 *
 * Sealed bytes are `nonce (24) || ciphertext || tag (16)`. The nonce is random: at 192 bits, 2^80 messages under one key
 * repeat one with a chance of 2^-32, so no key carries a count of its uses.
 *
 * The `SecretBytes` stay their owner's: they may be wiped as soon as the key is made.
 */
export class XaesKey {
  readonly #keys: MessageKeys;

  /** @throws CryptoError `malformed` unless the key has 32 bytes */
  constructor(key: SecretBytes) {
    this.#keys = new MessageKeys(key);
  }

  /** Seals under a fresh random nonce; the same `aad` must be given to open. @throws CryptoError `wiped` */
  seal(plaintext: Buffer, aad: Buffer): Buffer {
    return sealUnderNonce(this.#keys, nonces.bytes(XAES_NONCE_BYTES), plaintext, aad);
  }

  /** @throws CryptoError `authentication_failed` whatever is wrong: a bit, the length, the key or the `aad`; `wiped` */
  open(sealed: Buffer, aad: Buffer): Buffer {
    if (sealed.length < XAES_NONCE_BYTES) throw new CryptoError('authentication_failed');
    const key = this.#keys.derive(sealed);
    try {
      return gcmOpen(key, sealed.subarray(NONCE_BYTES, XAES_NONCE_BYTES), sealed.subarray(XAES_NONCE_BYTES), aad);
    } finally {
      key.fill(0);
    }
  }

  /** Forgets the key. Sealing and opening throw from now on. */
  wipe(): void {
    this.#keys.wipe();
  }
}

/** Not for the door: who chooses nonces can repeat one, and that discloses. The published vectors need it. */
export function sealUnderNonce(keys: MessageKeys, nonce: Buffer, plaintext: Buffer, aad: Buffer): Buffer {
  const key = keys.derive(nonce);
  const sealed = Buffer.concat([nonce, ...gcmSeal(key, nonce.subarray(NONCE_BYTES), plaintext, aad)]);
  key.fill(0);
  return sealed;
}
