import type { SecretValue } from '#secrets';
import { isCurrent } from './if-none-match.ts';

const COMMA = Buffer.from(',');

/**
 * The body of a read, around the bytes that were opened: the value is neither parsed nor made a string on its way out. Undefined for
 * whoever has this very version already. What the room handed over is wiped either way.
 */
export function secretBody({ value, etag, ...secret }: SecretValue, ifNoneMatch?: string): Buffer | undefined {
  const body = isCurrent(ifNoneMatch, etag) ? undefined : bodyAround(value.bytes.subarray(1, -1), secret);
  value.wipe();
  return body;
}

function bodyAround(data: Buffer, secret: Omit<SecretValue, 'value' | 'etag'>): Buffer {
  const { path, version, labels, createdAt, createdBy, expiresAt } = secret;
  const before = Buffer.from(JSON.stringify({ path, version }).slice(0, -1));
  const after = Buffer.from(JSON.stringify({ labels, createdAt, createdBy, expiresAt }).slice(1));
  return Buffer.concat([before, COMMA, data, COMMA, after]);
}
