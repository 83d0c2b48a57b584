import type { SecretValue } from '#secrets';

const COMMA = Buffer.from(',');

/**
 * The body of a read, around the bytes that were opened: the value is neither parsed nor made a string on its way out. What the room
 * handed over is wiped.
 */
export function secretBody({ path, version, value, labels, createdAt, createdBy, expiresAt }: SecretValue): Buffer {
  const before = Buffer.from(JSON.stringify({ path, version }).slice(0, -1));
  const after = Buffer.from(JSON.stringify({ labels, createdAt, createdBy, expiresAt }).slice(1));
  const body = Buffer.concat([before, COMMA, value.bytes.subarray(1, -1), COMMA, after]);
  value.wipe();
  return body;
}
