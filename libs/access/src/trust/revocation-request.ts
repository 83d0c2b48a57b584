import { IdentityError, parseSpiffeId, parseTrustDomain } from '#identity';
import { serialSubject } from './revocations.ts';

/** One certificate by its fingerprint or by its serial number, all that a workload has, or all below a prefix such as `spiffe://d/ns/a/**`. */
export type RevocationRequest =
  | { readonly fingerprint: string }
  | { readonly serial: string; readonly trustDomain?: string }
  | { readonly spiffeId: string }
  | { readonly prefix: string };

/** What the revocation that is asked for is called, whether it can be or not. `own` is the trust domain that is meant where none is named. */
export function subjectOf(request: RevocationRequest, own: string): string {
  if ('fingerprint' in request) return request.fingerprint;
  if ('serial' in request) return serialSubject(request.trustDomain ?? own, request.serial);
  return 'prefix' in request ? request.prefix : request.spiffeId;
}

/** @throws IdentityError where nothing could ever be called so */
export function checkRevocationRequest(request: RevocationRequest): void {
  if ('serial' in request && request.trustDomain !== undefined) parseTrustDomain(request.trustDomain);
  if ('spiffeId' in request) parseSpiffeId(request.spiffeId);
  if (!('prefix' in request)) return;
  const [, before] = /^(spiffe:\/\/.+)\/\*\*$/.exec(request.prefix) ?? [];
  if (before === undefined) throw new IdentityError('invalid_spiffe_id', 'a prefix ends with /**');
  parseSpiffeId(`${before}/x`);
}

/** The SPIFFE IDs, as patterns, whose certificates the subject may be. */
export function patternsOf(request: RevocationRequest, own: string): readonly string[] {
  if ('fingerprint' in request) return ['spiffe://*/**'];
  if ('serial' in request) return [`spiffe://${request.trustDomain ?? own}/**`];
  return ['prefix' in request ? request.prefix : request.spiffeId];
}
