import { AuditError } from './errors.ts';
import { HASH_SIZE } from './tree.ts';

/** What one row of the log holds before it is sealed: entries committed together, and where they left the log. */
export interface Batch {
  /** Of the tree after these entries, so that the log resumes from its last row alone. */
  readonly frontier: readonly Buffer[];
  /** The set digest of the authority after the same commit. 32 bytes. */
  readonly authority: Buffer;
  /** Canonical bytes, in the order of the leaves. */
  readonly entries: readonly Buffer[];
}

const FORMAT = 0x01;
const HEAD_SIZE = 2;
const LENGTH_SIZE = 4;

/** One binary frame: 0x01 ‖ u8 roots ‖ frontier ‖ authority ‖ (u32be length ‖ entry)…, to its end. */
export function encodeBatch({ frontier, authority, entries }: Batch): Buffer {
  const parts = [Buffer.of(FORMAT, frontier.length), ...frontier, authority];
  for (const entry of entries) {
    const length = Buffer.allocUnsafe(LENGTH_SIZE);
    length.writeUInt32BE(entry.length);
    parts.push(length, entry);
  }
  return Buffer.concat(parts);
}

/** Reads a frame; its buffers are views of the one given. @throws AuditError malformed_batch */
export function decodeBatch(frame: Buffer): Batch {
  const hashes = HEAD_SIZE + ((frame[1] ?? 0) + 1) * HASH_SIZE;
  if (frame[0] !== FORMAT || frame.length < hashes) throw new AuditError('malformed_batch');
  const roots = chunks(frame.subarray(HEAD_SIZE, hashes), HASH_SIZE);
  return { frontier: roots.slice(0, -1), authority: roots.at(-1) ?? frame, entries: readEntries(frame, hashes) };
}

function readEntries(frame: Buffer, start: number): Buffer[] {
  const entries: Buffer[] = [];
  let offset = start;
  while (offset + LENGTH_SIZE <= frame.length) {
    const from = offset + LENGTH_SIZE;
    offset = from + frame.readUInt32BE(offset);
    entries.push(frame.subarray(from, offset));
  }
  if (offset !== frame.length) throw new AuditError('malformed_batch');
  return entries;
}

/** A buffer cut into views of `size` bytes. */
export function chunks(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}
