import { IdentityError } from '../errors.ts';

/** The name of a workload: `spiffe://<trust domain><path>`. */
export interface SpiffeId {
  readonly trustDomain: string;
  /** Starts with `/` and names at least one segment: the root of a trust domain is no workload. */
  readonly path: string;
  readonly text: string;
}

const MAX_BYTES = 2048;
const TRUST_DOMAIN = /^[a-z0-9._-]{1,255}$/;
// Segments can't overlap with the '/' between them, so that neither expression backtracks.
const WORKLOAD = /^spiffe:\/\/([a-z0-9._-]{1,255})((?:\/[A-Za-z0-9._-]+)+)$/;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/;

/**
 * Reads the SPIFFE ID of a workload (SPIFFE-ID §2, X509-SVID §2). What is not exactly one is refused, never normalised: no upper
 * case in the trust domain, no percent-encoding, port, user, query, fragment, empty or dot segment.
 *
 * @throws IdentityError `invalid_spiffe_id`
 */
export function parseSpiffeId(text: string): SpiffeId {
  const [, trustDomain, path] = (text.length <= MAX_BYTES && WORKLOAD.exec(text)) || [];
  if (trustDomain === undefined || path === undefined || DOT_SEGMENT.test(path)) throw new IdentityError('invalid_spiffe_id');
  return { trustDomain, path, text };
}

/**
 * The name of a trust domain as it stands (SPIFFE-ID §2.1).
 *
 * @throws IdentityError `invalid_trust_domain`
 */
export function parseTrustDomain(text: string): string {
  if (!TRUST_DOMAIN.test(text)) throw new IdentityError('invalid_trust_domain');
  return text;
}
