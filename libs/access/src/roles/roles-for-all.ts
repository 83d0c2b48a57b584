import { AuthzError, type May, type Role } from '#authz';
import type { Authority } from '../authority/authority.ts';

/**
 * Every role there is, for who may read each of them: an answer that rests on all of them tells of all of them.
 *
 * @throws AuthzError `denied`
 */
export function rolesForAll(authority: Authority, may: May): readonly Role[] {
  const roles = authority.all('role').map(({ body }) => body);
  if (!roles.every(({ role }) => may('policy:read', role))) throw new AuthzError('denied');
  return roles;
}
