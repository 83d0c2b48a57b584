import { CryptoError } from './errors.ts';

/** One part of what sealed bytes are bound to. A number is a non-negative safe integer. */
type AadField = string | number | Buffer;

const DOMAIN = Buffer.from('holdfast/v1');
const LABEL = { string: 0x73, number: 0x6e, bytes: 0x62 } as const;
const NUMBER_BYTES = 8;
const FRAME_BYTES = 5;

/**
 * Associated data that no other purpose and no other fields can produce: `holdfast/v1`, then the purpose and each field as
 * `type ('s' | 'n' | 'b') || length (u32, big-endian) || bytes`. Strings are UTF-8, numbers unsigned 64-bit big-endian.
 * Always built from what was asked for, never from what was stored.
 *
 * @throws CryptoError `malformed` for a number that is not a non-negative safe integer or a string with a lone surrogate
 */
export function associatedData(purpose: string, ...fields: readonly AadField[]): Buffer {
  const all = [purpose, ...fields];
  const aad = Buffer.allocUnsafe(all.reduce<number>((sum, field) => sum + FRAME_BYTES + sizeOf(field), DOMAIN.length));
  let at = DOMAIN.copy(aad);
  for (const field of all) at = writeField(aad, at, field);
  return aad;
}

function sizeOf(field: AadField): number {
  if (typeof field === 'number') return NUMBER_BYTES;
  return typeof field === 'string' ? Buffer.byteLength(field) : field.length;
}

/** Writes one field and answers where the next one starts. */
function writeField(aad: Buffer, start: number, field: AadField): number {
  const at = start + FRAME_BYTES;
  const size = sizeOf(field);
  aad.writeUInt32BE(size, start + 1);
  if (typeof field === 'string') writeString(aad, at, field);
  else if (typeof field === 'number') writeNumber(aad, at, field);
  else field.copy(aad, at);
  aad[start] = labelOf(field);
  return at + size;
}

function labelOf(field: AadField): number {
  if (typeof field === 'string') return LABEL.string;
  return typeof field === 'number' ? LABEL.number : LABEL.bytes;
}

function writeNumber(aad: Buffer, at: number, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new CryptoError('malformed');
  aad.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  aad.writeUInt32BE(value % 2 ** 32, at + 4);
}

/** UTF-8 would turn every lone surrogate into the same replacement character. */
function writeString(aad: Buffer, at: number, value: string): void {
  if (!value.isWellFormed()) throw new CryptoError('malformed');
  aad.write(value, at);
}
