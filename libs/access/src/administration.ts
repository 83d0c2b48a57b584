import { Bindings, type Role, type Rule } from '#authz';
import type { Authority } from './authority.ts';
import { AccessError } from './errors.ts';
import type { OperatorRecord } from './records.ts';

/** The role that a new server has: administering without reading a single secret, and without the log, which is an auditor's. */
export const ADMINISTRATOR = 'administrator';

const NEEDED = ['policy:write', 'policy:escalate'] as const;

/**
 * Refuses changes of roles, each to what its name stands for or to nothing, unless an operator may change any role in any way once all of
 * them are made: when nobody may, nobody can give it back. An allow that ends or has conditions does not count, nor does one by way of a group, which others fill; a deny
 * does, whatever it is on, whenever it holds and by whatever way. A workload does not count either: its certificate ends, and who would
 * enrol it anew?
 *
 * @throws AccessError `conflict`
 */
export function checkAdministered(authority: Authority, changes: ReadonlyMap<string, Role | undefined>): void {
  const others = authority.all('role').flatMap(({ body }) => (changes.has(body.role) ? [] : [body]));
  const operators = authority.all('operator').map(({ body }) => body);
  check([...others, ...[...changes.values()].filter((role) => role !== undefined)], operators);
}

/**
 * The same for a change of one operator, to `after` or to nothing. Who is disabled, or has no password, does not administer: certificates
 * end, and a provider may be gone.
 *
 * @throws AccessError `conflict`
 */
export function checkOperatorsAdminister(authority: Authority, name: string, after?: OperatorRecord): void {
  const others = authority.all('operator').flatMap(({ body }) => (body.name === name ? [] : [body]));
  const roles = authority.all('role').map(({ body }) => body);
  check(roles, after === undefined ? others : [...others, after]);
}

function check(roles: readonly Role[], operators: readonly OperatorRecord[]): void {
  const bindings = new Bindings(roles);
  const administers = ({ name: id, groups, disabled, password }: OperatorRecord): boolean => {
    if (disabled === true || password === undefined) return false;
    const caller = { kind: 'operator', id } as const;
    const [own, all] = [bindings.rolesOf(caller), bindings.rolesOf(caller, groups)];
    return NEEDED.every((action) => own.some((role) => allowsAll(role, action)) && !all.some((role) => denies(role, action)));
  };
  if (operators.some(administers)) return;
  throw new AccessError('conflict', 'an operator has to keep policy:write and policy:escalate on all roles');
}

function allowsAll({ rules }: Role, action: (typeof NEEDED)[number]): boolean {
  return rules.some((rule) => speaksOf(rule.allow, action) && isOnAll(rule));
}

function denies({ rules }: Role, action: (typeof NEEDED)[number]): boolean {
  return rules.some((rule) => speaksOf(rule.deny, action));
}

function speaksOf(actions: Rule['allow'], action: (typeof NEEDED)[number]): boolean {
  return actions !== undefined && (actions.includes(action) || actions.includes('policy:*'));
}

/** A role's name is one segment. */
function isOnAll({ on, until, when }: Rule): boolean {
  return (on === '**' || on === '*') && until === undefined && when === undefined;
}
