import { deriveKey, hmac, SecretBytes, sha256, XaesKey } from '#crypto';

const KEY_BYTES = 32;
const FINGERPRINT_DIGITS = 16;

/**
 * The key above all others. It wraps them, and authenticates the slot file with a key derived from it. Its own bytes leave it
 * only sealed into a slot.
 */
export class RootKey {
  /** Which root key this is: 16 hex digits that say nothing about it otherwise. */
  readonly fingerprint: string;
  readonly #key: SecretBytes;
  readonly #wrapping: XaesKey;
  readonly #authentication: SecretBytes;

  private constructor(key: SecretBytes) {
    this.#key = key;
    this.#wrapping = new XaesKey(key);
    this.#authentication = deriveKey(key, 'slot-file');
    using named = deriveKey(key, 'fingerprint');
    this.fingerprint = sha256(named.bytes).toString('hex').slice(0, FINGERPRINT_DIGITS);
  }

  static create(): RootKey {
    return new RootKey(SecretBytes.random(KEY_BYTES));
  }

  /** The root key that a slot holds. @throws CryptoError `authentication_failed` */
  static openFrom(slotKey: XaesKey, sealed: Buffer, aad: Buffer): RootKey {
    return new RootKey(new SecretBytes(slotKey.open(sealed, aad)));
  }

  sealInto(slotKey: XaesKey, aad: Buffer): Buffer {
    return slotKey.seal(this.#key.bytes, aad);
  }

  wrap(key: SecretBytes, aad: Buffer): Buffer {
    return this.#wrapping.seal(key.bytes, aad);
  }

  /** @throws CryptoError `authentication_failed` */
  unwrap(wrapped: Buffer, aad: Buffer): SecretBytes {
    return new SecretBytes(this.#wrapping.open(wrapped, aad));
  }

  /** The authenticator of a slot file's bytes: HMAC-SHA-256. */
  authenticate(bytes: Buffer): Buffer {
    return hmac(this.#authentication, bytes);
  }

  wipe(): void {
    this.#key.wipe();
    this.#wrapping.wipe();
    this.#authentication.wipe();
  }
}
