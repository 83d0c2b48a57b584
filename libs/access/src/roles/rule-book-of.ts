import { RuleBook, type Role } from '#authz';
import type { Authority } from '../authority/authority.ts';

/** These roles as they decide for the operators that there are, with their groups of today. */
export function ruleBookOf(authority: Authority, roles: readonly Role[]): RuleBook {
  const isDisabled = (operator: string): boolean => authority.find('operator', operator)?.body.disabled === true;
  return new RuleBook(roles, (operator) => (isDisabled(operator) ? undefined : authority.groupsOf(operator)));
}
