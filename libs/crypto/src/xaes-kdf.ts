import { aesBlocks, KEY_BYTES } from './aes.ts';
import { CryptoError } from './errors.ts';
import type { SecretBytes } from './secret-bytes.ts';

const BLOCK = 16;
const PREFIX = 4;
const CONTEXT_BYTES = 12;

/** The two counter blocks `00 01 'X' 00 || context` and `00 02 'X' 00 || context`, with the context still zero. */
const COUNTERS = Buffer.from(`00015800${'00'.repeat(CONTEXT_BYTES)}00025800${'00'.repeat(CONTEXT_BYTES)}`, 'hex');

/**
 * The key derivation of XAES-256-GCM: NIST SP 800-108r1 in counter mode over CMAC, where each CMAC is of exactly one block.
 * What depends on the key alone (its schedule and the subkey) is kept, so that a message key costs two AES blocks.
 */
export class MessageKeys {
  #encrypt: ((blocks: Buffer) => Buffer) | undefined;
  readonly #masked: Buffer;

  constructor(key: SecretBytes) {
    if (key.bytes.length !== KEY_BYTES) throw new CryptoError('malformed');
    this.#encrypt = aesBlocks(key.bytes);
    const subkey = cmacSubkey(this.#encrypt(Buffer.alloc(BLOCK)));
    this.#masked = Buffer.from(COUNTERS);
    for (let at = 0; at < this.#masked.length; at += 4) xorWord(this.#masked, at, subkey.readUInt32BE(at % BLOCK));
  }

  /** The message key for the first 12 bytes of a nonce. The caller wipes it. @throws CryptoError `wiped` */
  derive(nonce: Buffer): Buffer {
    if (!this.#encrypt) throw new CryptoError('wiped');
    const blocks = Buffer.from(this.#masked);
    for (let at = 0; at < CONTEXT_BYTES; at += 4) {
      const word = nonce.readUInt32BE(at);
      xorWord(blocks, PREFIX + at, word);
      xorWord(blocks, BLOCK + PREFIX + at, word);
    }
    return this.#encrypt(blocks);
  }

  /** Lets go of the key schedule, which OpenSSL overwrites when it frees it, and overwrites the subkey. */
  wipe(): void {
    this.#encrypt = undefined;
    this.#masked.fill(0);
  }
}

/** K1 of NIST SP 800-38B: the zero block's encryption doubled in GF(2^128). */
function cmacSubkey(zeroBlock: Buffer): Buffer {
  const subkey = Buffer.alloc(BLOCK);
  for (let at = 0; at < BLOCK; at += 4) {
    const carryIn = at + 4 < BLOCK ? zeroBlock.readUInt32BE(at + 4) >>> 31 : 0;
    subkey.writeUInt32BE(((zeroBlock.readUInt32BE(at) << 1) | carryIn) >>> 0, at);
  }
  // Without a branch: the doubled-out bit is secret.
  xorWord(subkey, BLOCK - 4, 0x87 * (zeroBlock.readUInt32BE(0) >>> 31));
  return subkey;
}

function xorWord(target: Buffer, at: number, word: number): void {
  target.writeUInt32BE((target.readUInt32BE(at) ^ word) >>> 0, at);
}
