import { AuthzError, type Role } from '#authz';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';

/** The role of a name, as it is or as it is about to be. */
export type FindRole = (name: string) => Role | undefined;

/**
 * Refuses a role that extends one that there is not, or itself by way of others.
 *
 * @throws AuthzError `invalid_role`
 */
export function checkParents(find: FindRole, { role: name, extends: parents = [] }: Role): void {
  for (const [index, parent] of parents.entries()) {
    if (find(parent) === undefined) throw new AuthzError('invalid_role', `extends[${index}]: there is no such role`);
  }
  if (withParents(find, parents).some(({ role }) => role === name))
    throw new AuthzError('invalid_role', 'extends: it comes back to itself');
}

/** Refuses to take away a role that others extend: they would silently lose its denies. @throws AccessError `conflict` */
export function checkChildless(authority: Authority, name: string): void {
  if (authority.all('role').some(({ body }) => body.extends?.includes(name))) throw new AccessError('conflict', 'other roles extend it');
}

/** A role with all the rules that it has in effect: its own, and those of the roles that it extends. */
export function inEffect(find: FindRole, { rules, bind, extends: parents = [] }: Role): Pick<Role, 'rules' | 'bind'> {
  return { rules: [...rules, ...withParents(find, parents).flatMap((parent) => parent.rules)], bind };
}

/** The roles of these names, and all that they extend. */
function withParents(find: FindRole, names: readonly string[]): readonly Role[] {
  const found = new Map<string, Role>();
  const wanted = [...names];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const role = found.has(name) ? undefined : find(name);
    if (role === undefined) continue;
    found.set(name, role);
    wanted.push(...(role.extends ?? []));
  }
  return [...found.values()];
}
