import { SecretBytes } from '#crypto';
import type { SecretValue } from '#secrets';

/** One version of a secret as `ReadSecret` hands it out. */
export function secretValue(path: string, data: Readonly<Record<string, string>>, version = 1): SecretValue {
  const value = new SecretBytes(Buffer.from(JSON.stringify({ data })));
  return { path, version, value, labels: {}, createdAt: '', createdBy: '', etag: `"${version}.1"` };
}
