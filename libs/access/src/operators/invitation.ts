import type { RowWrite } from '#authz';
import { newToken, type Clock, type Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';

/** ASVS 6.4.1: what an operator first comes in with is short-lived. */
const INVITATION_MS = 24 * 3_600_000;

/** A one-time token with which one operator sets a password that nobody else knows. */
export interface Invitation {
  readonly token: string;
  readonly expiresAt: string;
}

/** A new invitation, and the write that makes it good. Only the token's keyed hash is kept. */
export function invite(
  authority: Authority,
  clock: Clock,
  { operator, by }: { readonly operator: string; readonly by: Principal },
): { readonly invitation: Invitation; readonly write: RowWrite } {
  const token = newToken('operator');
  const expiresAt = new Date(clock.now().getTime() + INVITATION_MS).toISOString();
  const record = { id: authority.hashOf('operator', token), operator, createdBy: by.id, expiresAt };
  return { invitation: { token, expiresAt }, write: authority.put('enrolment', record, undefined) };
}
