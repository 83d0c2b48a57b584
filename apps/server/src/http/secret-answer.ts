import type { SecretValue } from '#secrets';
import { isCurrent } from './if-none-match.ts';

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
  const before = `${JSON.stringify({ path, version }).slice(0, -1)},`;
  const after = `,${JSON.stringify({ labels, createdAt, createdBy, expiresAt }).slice(1)}`;
  const body = Buffer.allocUnsafe(Buffer.byteLength(before) + data.length + Buffer.byteLength(after));
  const start = body.write(before);
  data.copy(body, start);
  body.write(after, start + data.length);
  return body;
}
