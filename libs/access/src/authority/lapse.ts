import { AuthzError } from '#authz';
import type { CertificateDefect, Principal } from '#identity';
import type { Authority } from './authority.ts';
import { AccessError } from '../errors.ts';
import type { Revocable } from '../trust/revocations.ts';

/**
 * Why a caller's credential holds no longer at `now` (epoch milliseconds): it has ended or was revoked, signed out or used up since it
 * was accepted. Undefined while it holds, and for who came without one.
 */
export function lapseOf(authority: Authority, caller: Principal, now: number): Error | undefined {
  const { method, credential, validity } = caller;
  if (method === 'none' || method === 'internal') return undefined;
  if (authority.sealed) return new AuthzError('sealed');
  const hasEnded = validity !== undefined && now >= validity.until;
  if (method === 'certificate') {
    if (hasEnded) return refusedCertificate('expired');
    if (!isStillItsOperator(authority, caller)) return refusedCertificate('operator_refused');
    return revokedCertificate(authority, revocableOf(caller));
  }
  // Nothing is kept of it: what it proves is looked at when it is used.
  if (method === 'jwt') return hasEnded ? new AccessError('token_refused') : undefined;
  const isSession = method !== 'token';
  const isThere = authority.find(isSession ? 'session' : 'enrolment', credential) !== undefined;
  return isThere && !hasEnded ? undefined : new AccessError(isSession ? 'session_refused' : 'token_refused');
}

/** Whether the operator that a certificate stood for is there, and still names it. */
function isStillItsOperator(authority: Authority, { id, certified }: Principal): boolean {
  if (certified === undefined) return true;
  const { certificate, disabled } = authority.find('operator', id)?.body ?? {};
  return certificate === certified.as && disabled !== true;
}

/** What of the certificate that a caller came with can be revoked. */
export function revocableOf({ id, certified, credential, serial, place, validity }: Principal): Revocable {
  return { id: certified?.spiffeId ?? id, fingerprint: credential, serial, place, from: validity?.from ?? 0 };
}

/** The refusal of a certificate that was revoked, or whose line is locked. Undefined while it is neither. */
export function revokedCertificate({ revocations }: Authority, revocable: Revocable): AccessError | undefined {
  if (!revocations.isRevoked(revocable)) return undefined;
  return refusedCertificate(revocations.isLocked(revocable.place) ? 'locked' : 'revoked');
}

/** A certificate that is not accepted, and what is wrong with it. */
export function refusedCertificate(defect: CertificateDefect): AccessError {
  return new AccessError('certificate_refused', defect);
}
