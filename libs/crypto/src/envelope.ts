import { randomBytes } from 'node:crypto';
import { gcmOpen, gcmSeal, KEY_BYTES, NONCE_BYTES } from './aes.ts';
import { associatedData } from './associated-data.ts';
import { CryptoError } from './errors.ts';
import { SecretBytes } from './secret-bytes.ts';
import type { XaesKey } from './xaes.ts';

const FORMAT = 1;
const HEADER_BYTES = 5;
const KEK_VERSION_MAX = 0xffff_ffff;

/** A sealed message beside its data key. `wrapped` may be replaced by a rewrap, which leaves `sealed` as it is. */
export interface Envelope {
  /** `0x01 || KEK version (u32, big-endian) || XAES-256-GCM of the data key`: 77 bytes. */
  readonly wrapped: Buffer;
  /** `0x01 || nonce (12) || ciphertext || tag (16)`, AES-256-GCM under the data key. */
  readonly sealed: Buffer;
}

/**
 * Seals the only message that this data key ever seals: `0x01 || nonce (12) || ciphertext || tag (16)`, AES-256-GCM.
 * A key of one message needs no 192-bit nonce; the random 96-bit one is a second line of defence.
 */
export function sealOnce(dek: SecretBytes, plaintext: Buffer, aad: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  return Buffer.concat([Buffer.of(FORMAT), nonce, ...gcmSeal(dek.bytes, nonce, plaintext, aad)]);
}

/** The opposite of `sealOnce`. @throws CryptoError `authentication_failed` whatever is wrong; `wiped` */
export function openOnce(dek: SecretBytes, sealed: Buffer, aad: Buffer): Buffer {
  if (sealed[0] !== FORMAT || sealed.length <= NONCE_BYTES) throw new CryptoError('authentication_failed');
  return gcmOpen(dek.bytes, sealed.subarray(1, 1 + NONCE_BYTES), sealed.subarray(1 + NONCE_BYTES), aad);
}

/**
 * Seals under a fresh data key, and that under version `kekVersion` of a KEK. `aad` names the value; the wrapped data key is
 * bound to the same and to the KEK's version, so that neither part opens in another's place.
 */
export function sealEnvelope(kek: XaesKey, kekVersion: number, plaintext: Buffer, aad: Buffer): Envelope {
  using dek = SecretBytes.random(KEY_BYTES);
  const sealed = sealOnce(dek, plaintext, aad);
  return { wrapped: Buffer.concat([wrapHeader(kekVersion), kek.seal(dek.bytes, dataKeyAad(aad, kekVersion))]), sealed };
}

/**
 * The data key of an envelope, by the KEK of the version that `kekVersionOf` names: `openOnce` opens the rest, with the same `aad`. The
 * caller wipes it. @throws CryptoError `authentication_failed`
 */
export function unwrapDataKey(kek: XaesKey, wrapped: Buffer, aad: Buffer): SecretBytes {
  const dek = new SecretBytes(kek.open(wrapped.subarray(HEADER_BYTES), dataKeyAad(aad, kekVersionOf(wrapped))));
  if (dek.bytes.length !== KEY_BYTES) throw new CryptoError('authentication_failed');
  return dek;
}

/** Which version of its KEK a data key is wrapped under, before anything is verified. @throws CryptoError `authentication_failed` */
export function kekVersionOf(wrapped: Buffer): number {
  if (wrapped[0] !== FORMAT || wrapped.length < HEADER_BYTES) throw new CryptoError('authentication_failed');
  return wrapped.readUInt32BE(1);
}

function wrapHeader(kekVersion: number): Buffer {
  if (!Number.isInteger(kekVersion) || kekVersion < 1 || kekVersion > KEK_VERSION_MAX) throw new CryptoError('malformed');
  const header = Buffer.of(FORMAT, 0, 0, 0, 0);
  header.writeUInt32BE(kekVersion, 1);
  return header;
}

function dataKeyAad(aad: Buffer, kekVersion: number): Buffer {
  return associatedData('data-key', aad, kekVersion);
}
