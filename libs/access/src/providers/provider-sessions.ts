import type { RowWrite } from '#authz';
import type { Authority } from '../authority/authority.ts';

/** Ends the sessions that were opened at a provider: nobody vouches for them any more. */
export function endSessionsOf(authority: Authority, provider: string): RowWrite[] {
  const opened = authority.all('session').filter(({ body }) => body.method === 'oidc');
  const there = opened.filter(({ body }) => authority.find('operator', body.operator)?.body.oidc?.provider === provider);
  return there.map((held) => authority.remove('session', held));
}
