import { AuditError } from './errors.ts';

const NEWLINE = 0x0a;
/** A bound on memory: the trailer of 200 million entries fits. */
const MAX_LINE_SIZE = 64 * 1024 * 1024;

/**
 * The lines of a byte stream without their newlines, as many at a time as a chunk holds (a promise for each would cost more than its
 * hash). A last line without a newline counts. The buffers are views, good until the next chunk.
 *
 * @throws AuditError malformed_export for a line over 64 MiB
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer[]> {
  let carried: Buffer[] = [];
  let size = 0;
  for await (const bytes of chunks) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { lines, rest } = cut(chunk);
    const [first] = lines;
    if (first !== undefined) {
      lines[0] = carried.length === 0 ? first : Buffer.concat([...carried, first]);
      yield lines;
      carried = [];
      size = 0;
    }
    size += rest.length;
    if (size > MAX_LINE_SIZE) throw new AuditError('malformed_export');
    if (rest.length > 0) carried.push(Buffer.from(rest));
  }
  if (carried.length > 0) yield [Buffer.concat(carried)];
}

function cut(chunk: Buffer): { lines: Buffer[]; rest: Buffer } {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
    lines.push(chunk.subarray(start, end));
    start = end + 1;
  }
  return { lines, rest: chunk.subarray(start) };
}
