import type { RowWrite } from '#authz';
import type { Authority } from '../authority/authority.ts';

/** The writes that end what an operator has come in with: its sessions, but for one of them, and tokens that were made for it. */
export function endOf(authority: Authority, operator: string, exceptSession?: string): RowWrite[] {
  const sessions = authority.all('session').filter(({ body }) => body.operator === operator && body.id !== exceptSession);
  const tokens = authority.all('enrolment').filter(({ body }) => body.operator === operator);
  return [...sessions.map((held) => authority.remove('session', held)), ...tokens.map((held) => authority.remove('enrolment', held))];
}
