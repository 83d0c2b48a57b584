const TAG = /(?:W\/)?("[^"]*")/g;

/**
 * Whether the caller has what it asks for already: `If-None-Match` is `*`, or lists the tag of the answer (RFC 9110, section 13.1.2). Tags
 * are compared weakly, so that a proxy may have marked ours.
 */
export function isCurrent(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.trim() === '*' || [...ifNoneMatch.matchAll(TAG)].some(([, tag]) => tag === etag);
}
