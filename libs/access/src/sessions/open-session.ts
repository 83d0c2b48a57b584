import type { RowWrite } from '#authz';
import { newToken, type Clock } from '#identity';
import type { Authority, Held } from '../authority/authority.ts';
import type { SessionRecord } from '../authority/records.ts';
import { ABSOLUTE_MS, IDLE_MS } from './session-life.ts';

/** Ended sessions, and as many tokens, that a sign-in clears away. */
const CLEARED_AT_ONCE = 32;
/** Of one operator. One more ends the one that was not used for longest: whoever signs in without end fills nothing. */
const MOST_SESSIONS = 1_000;

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
  who: Pick<SessionRecord, 'operator' | 'method' | 'factors' | 'peer'>,
): { readonly session: Session; readonly writes: readonly RowWrite[] } {
  const token = newToken('session');
  const now = clock.now();
  const expiresAt = after(now, ABSOLUTE_MS);
  const record = { id: authority.hashOf('session', token), ...who, issuedAt: now.toISOString(), expiresAt };
  const session = { token, idleExpiresAt: after(now, IDLE_MS), expiresAt };
  return { session, writes: [authority.put('session', record, undefined), ...cleared(authority, who.operator, now)] };
}

/** What has ended goes when somebody comes: rarely enough that two seldom clear the same. */
function cleared(authority: Authority, operator: string, now: Date): RowWrite[] {
  const hasEnded = ({ body }: Held<SessionRecord>): boolean => authority.sessionUse.hasEnded(body, now.getTime());
  const sessions = authority.all('session').filter((held) => hasEnded(held) && held.body.operator !== operator);
  const tokens = authority.all('enrolment').filter(({ body }) => body.expiresAt <= now.toISOString());
  return [
    ...ofOperator(authority, operator, hasEnded).map((held) => authority.remove('session', held)),
    ...sessions.slice(0, CLEARED_AT_ONCE).map((held) => authority.remove('session', held)),
    ...tokens.slice(0, CLEARED_AT_ONCE).map((held) => authority.remove('enrolment', held)),
  ];
}

/** An operator's own sessions that make room for its next: those that have ended and, where there are too many, the one that was used longest ago. */
function ofOperator(authority: Authority, operator: string, hasEnded: (held: Held<SessionRecord>) => boolean): Held<SessionRecord>[] {
  const own = authority.all('session').filter(({ body }) => body.operator === operator);
  if (own.length < MOST_SESSIONS) return own.filter(hasEnded);
  const lastUsed = ({ body }: Held<SessionRecord>): number => authority.sessionUse.lastUsed(body);
  const live = own.filter((held) => !hasEnded(held)).toSorted((a, b) => lastUsed(a) - lastUsed(b));
  return [...own.filter(hasEnded), ...live.slice(0, Math.max(0, live.length + 1 - MOST_SESSIONS))];
}

function after(time: Date, milliseconds: number): string {
  return new Date(time.getTime() + milliseconds).toISOString();
}
