import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';

/**
 * The primitives of docs/formats.md, written from that page alone and on node:crypto alone: whoever holds a data directory and a slot must be able to
 * read it without Holdfast.
 */

export type Field = string | number | Buffer;

export const sha256 = (...parts: readonly Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
export const hmac = (key: Buffer, message: Buffer): Buffer => createHmac('sha256', key).update(message).digest();
export const derive = (key: Buffer, purpose: string): Buffer => Buffer.from(hkdfSync('sha256', key, '', aad('derive', purpose), 32));
export const base64 = (text: string): Buffer => Buffer.from(text, 'base64');

export function aad(...fields: readonly Field[]): Buffer {
  return Buffer.concat([Buffer.from('holdfast/v1'), ...fields.flatMap(framed)]);
}

function framed(field: Field): Buffer[] {
  if (typeof field === 'number') return frame('n', bytesOf(BigInt(field), 8));
  return typeof field === 'string' ? frame('s', Buffer.from(field)) : frame('b', field);
}

const frame = (type: string, bytes: Buffer): Buffer[] => [Buffer.from(type), bytesOf(BigInt(bytes.length), 4), bytes];

/** A number in so many bytes, big-endian. */
export const bytesOf = (value: bigint, size: number): Buffer => Buffer.from(value.toString(16).padStart(2 * size, '0'), 'hex');

export const numberOf = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);

/** Opens `nonce (24) ‖ ciphertext ‖ tag (16)` (C2SP XAES-256-GCM). */
export function openXaes(key: Buffer, associated: Buffer, sealed: Buffer): Buffer {
  const doubled = numberOf(aesBlock(key, Buffer.alloc(16))) << 1n;
  const k1 = (doubled >> 128n) & 1n ? BigInt.asUintN(128, doubled) ^ 0x87n : doubled;
  const half = (counter: number): Buffer => {
    const block = Buffer.concat([Buffer.from([0, counter, 0x58, 0]), sealed.subarray(0, 12)]);
    return aesBlock(key, bytesOf(numberOf(block) ^ k1, 16));
  };
  return openGcm(Buffer.concat([half(1), half(2)]), associated, sealed.subarray(12));
}

/** Opens `01 ‖ nonce (12) ‖ ciphertext ‖ tag (16)`. */
export function openOnce(key: Buffer, associated: Buffer, sealed: Buffer): Buffer {
  if (sealed[0] !== 1) throw new Error('not the format 01');
  return openGcm(key, associated, sealed.subarray(1));
}

function openGcm(key: Buffer, associated: Buffer, sealed: Buffer): Buffer {
  const opening = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 });
  opening.setAAD(associated).setAuthTag(sealed.subarray(-16));
  return Buffer.concat([opening.update(sealed.subarray(12, -16)), opening.final()]);
}

function aesBlock(key: Buffer, block: Buffer): Buffer {
  return createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(block);
}
