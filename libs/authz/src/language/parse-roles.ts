import { AuthzError } from '../errors.ts';
import { parseRole } from './parse-role.ts';
import type { Role } from './role.ts';

/**
 * Roles that are to stand for themselves, as files hold them: each is one, no two have the same name, and what they extend is among them.
 *
 * @throws AuthzError `invalid_role`; its hint begins with the number of the role, from 1
 */
export function parseRoles(values: readonly unknown[]): readonly Role[] {
  const roles = values.map((value, index) => within(index, () => parseRole(value)));
  const names = roles.map(({ role }) => role);
  roles.forEach(({ role, extends: parents = [] }, index) => {
    if (names.indexOf(role) !== index) refuse(index, 'there is another one of this name');
    if (!parents.every((parent) => names.includes(parent))) refuse(index, 'extends: a role that is not there');
  });
  return roles;
}

function within<T>(index: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AuthzError) refuse(index, error.hint ?? error.message);
    throw error;
  }
}

function refuse(index: number, what: string): never {
  throw new AuthzError('invalid_role', `role ${index + 1}: ${what}`);
}
