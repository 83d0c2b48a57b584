import { Bindings, type Role, type Rule } from '#authz';
import type { Authority } from './authority.ts';
import { AccessError } from './errors.ts';

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
  const bindings = new Bindings([...others, ...[...changes.values()].filter((role) => role !== undefined)]);
  const administers = ({ name: id, groups }: { readonly name: string; readonly groups?: readonly string[] }): boolean => {
    const caller = { kind: 'operator', id } as const;
    const [own, all] = [bindings.rolesOf(caller), bindings.rolesOf(caller, groups)];
    return NEEDED.every((action) => own.some((role) => allowsAll(role, action)) && !all.some((role) => denies(role, action)));
  };
  if (authority.all('operator').some(({ body }) => administers(body))) return;
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
