import type { Role, Rule } from '#authz';
import type { Authority } from './authority.ts';
import { AccessError } from './errors.ts';

/** The role that a new server has: administering without reading a single secret, and without the log, which is an auditor's. */
export const ADMINISTRATOR = 'administrator';

const NEEDED = ['policy:write', 'policy:escalate'] as const;

/**
 * Refuses a change of one role, to `after` or to nothing, unless an operator may change any role in any way afterwards: once nobody may,
 * nobody can give it back. An allow that ends does not count; a deny does, whatever it is on. A workload does not count either: its
 * certificate ends, and who would enrol it anew?
 *
 * @throws AccessError `conflict`
 */
export function checkAdministered(authority: Authority, name: string, after?: Role): void {
  const others = authority.all('role').flatMap(({ body }) => (body.role === name ? [] : [body]));
  const roles = after === undefined ? others : [...others, after];
  const rulesOf = (operator: string): readonly Rule[] =>
    roles.filter(({ bind }) => bind.includes(`operator:${operator}`)).flatMap(({ rules }) => rules);
  if (authority.all('operator').some(({ body }) => administers(rulesOf(body.name)))) return;
  throw new AccessError('conflict', 'an operator has to keep policy:write and policy:escalate on all roles');
}

function administers(rules: readonly Rule[]): boolean {
  return NEEDED.every(
    (action) => rules.some((rule) => speaksOf(rule.allow, action) && isOnAll(rule)) && !rules.some((rule) => speaksOf(rule.deny, action)),
  );
}

function speaksOf(actions: Rule['allow'], action: (typeof NEEDED)[number]): boolean {
  return actions !== undefined && (actions.includes(action) || actions.includes('policy:*'));
}

/** A role's name is one segment. */
function isOnAll({ on, until }: Rule): boolean {
  return (on === '**' || on === '*') && until === undefined;
}
