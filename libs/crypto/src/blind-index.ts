import { associatedData } from './associated-data.ts';
import { hmac } from './hashes.ts';
import type { SecretBytes } from './secret-bytes.ts';

const INDEX_BYTES = 16;

/**
 * Where a path lies in an index that must not learn names: `a/b/c` becomes `h(a)/h(a,b)/h(a,b,c)`, each the first 16 bytes
 * of an HMAC-SHA-256 in lower-case hex. Each segment is bound to its parents, so an equal name elsewhere looks different, and
 * the index of a parent followed by `/` is a prefix of all that lies below it.
 */
export function blindIndex(key: SecretBytes, segments: readonly string[]): string {
  return segments.map((_, i) => blindSegment(key, segments.slice(0, i + 1))).join('/');
}

function blindSegment(key: SecretBytes, segments: readonly string[]): string {
  return hmac(key, associatedData('blind-index', ...segments)).toString('hex', 0, INDEX_BYTES);
}
