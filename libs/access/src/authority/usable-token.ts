import type { Clock } from '#identity';
import type { Authority, Held } from './authority.ts';
import { AccessError } from '../errors.ts';
import type { EnrolmentRecord } from './records.ts';

/**
 * The one-time token with this public id, as long as it is there and has not ended. No other credential has a token's id.
 *
 * @throws AccessError `token_refused`
 */
export function usableToken(authority: Authority, id: string, clock: Clock): Held<EnrolmentRecord> {
  const held = authority.find('enrolment', id);
  if (held === undefined || clock.now().getTime() >= Date.parse(held.body.expiresAt)) throw new AccessError('token_refused');
  return held;
}
