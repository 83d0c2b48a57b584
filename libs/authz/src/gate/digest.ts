import { canonicalBytes, sha256 } from '#crypto';
import type { RowWrite } from './rows.ts';

/**
 * What a change left behind, as its entry proves it: lower-case hex SHA-256 over the canonical bytes (RFC 8785) of one
 * `[kind, key, rev, SHA-256 of sealed or null]` per write. `wrapped` stays out, so that a rewrap changes no digest.
 */
export function digestOf(writes: readonly RowWrite[]): string {
  const left = writes.map(({ kind, key, rev, sealed }) => [kind, key, rev, sealed && sha256(sealed).toString('hex')]);
  return sha256(canonicalBytes(left)).toString('hex');
}
