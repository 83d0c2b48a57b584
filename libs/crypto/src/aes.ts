import type { Cipheriv, CipherGCM, DecipherGCM } from 'node:crypto';
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { CryptoError } from './errors.ts';

export const KEY_BYTES = 32;
export const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const TAG = { authTagLength: TAG_BYTES } as const;
const NO_NONCE = Buffer.alloc(0);

interface Ciphers {
  seal: CipherGCM;
  open: DecipherGCM;
  blocks: Cipheriv;
}

/** The one function that makes a cipher, so that no other mode, key size or tag size can enter the code base. */
function aes256<Use extends keyof Ciphers>(use: Use, key: Buffer, nonce: Buffer): Ciphers[Use];
function aes256(use: keyof Ciphers, key: Buffer, nonce: Buffer): Ciphers[keyof Ciphers] {
  if (use === 'seal') return createCipheriv('aes-256-gcm', key, nonce, TAG);
  if (use === 'open') return createDecipheriv('aes-256-gcm', key, nonce, TAG);
  return createCipheriv('aes-256-ecb', key, nonce).setAutoPadding(false);
}

/** AES-256-GCM (NIST SP 800-38D). Answers `[ciphertext, tag]`. The caller promises that this key never meets this nonce again. */
export function gcmSeal(key: Buffer, nonce: Buffer, plaintext: Buffer, aad: Buffer): [Buffer, Buffer] {
  const cipher = aes256('seal', key, nonce).setAAD(aad);
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return [ciphertext, cipher.getAuthTag()];
}

/** The opposite of `gcmSeal`, of `ciphertext || tag`. @throws CryptoError `authentication_failed` */
export function gcmOpen(key: Buffer, nonce: Buffer, sealed: Buffer, aad: Buffer): Buffer {
  const end = sealed.length - TAG_BYTES;
  if (end < 0) throw new CryptoError('authentication_failed');
  const decipher = aes256('open', key, nonce).setAAD(aad).setAuthTag(sealed.subarray(end));
  const unverified = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
  } catch {
    unverified.fill(0);
    throw new CryptoError('authentication_failed');
  }
  return unverified;
}

/** The raw block cipher under one key: what CMAC is made of. Encrypts whole 16-byte blocks, each on its own. */
export function aesBlocks(key: Buffer): (blocks: Buffer) => Buffer {
  const cipher = aes256('blocks', key, NO_NONCE);
  return (blocks) => cipher.update(blocks);
}
