import type { RowWrite } from '#authz';
import { newToken, type Clock } from '#identity';
import type { Authority } from './authority.ts';
import type { SessionRecord } from './records.ts';
import { ABSOLUTE_MS, IDLE_MS } from './session-life.ts';

/** Ended sessions, and as many tokens, that a sign-in clears away. */
const CLEARED_AT_ONCE = 32;

/** What whoever signed in gets. The token is nowhere else: only its keyed hash is kept. */
export interface Session {
  readonly token: string;
  readonly idleExpiresAt: string;
  readonly expiresAt: string;
}

/** A new session for somebody who has proved to be this operator, and what a plan writes for it. */
export function openSession(
  authority: Authority,
  clock: Clock,
  who: Pick<SessionRecord, 'operator' | 'method' | 'factors'>,
): { readonly session: Session; readonly writes: readonly RowWrite[] } {
  const token = newToken('session');
  const now = clock.now();
  const expiresAt = after(now, ABSOLUTE_MS);
  const record = { id: authority.hashOf('session', token), ...who, issuedAt: now.toISOString(), expiresAt };
  const session = { token, idleExpiresAt: after(now, IDLE_MS), expiresAt };
  return { session, writes: [authority.put('session', record, undefined), ...cleared(authority, now.toISOString())] };
}

/** What has ended goes when somebody comes: rarely enough that two seldom clear the same. */
function cleared(authority: Authority, now: string): RowWrite[] {
  const sessions = authority.all('session').filter(({ body }) => body.expiresAt <= now);
  const tokens = authority.all('enrolment').filter(({ body }) => body.expiresAt <= now);
  return [
    ...sessions.slice(0, CLEARED_AT_ONCE).map((held) => authority.remove('session', held)),
    ...tokens.slice(0, CLEARED_AT_ONCE).map((held) => authority.remove('enrolment', held)),
  ];
}

function after(time: Date, milliseconds: number): string {
  return new Date(time.getTime() + milliseconds).toISOString();
}
