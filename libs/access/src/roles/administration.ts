import { areaOf, Bindings, type Action, type Role, type Rule } from '#authz';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import type { OperatorRecord } from '../authority/records.ts';

/** The role that a new server has: administering without reading a single secret, and without the log, which is an auditor's. */
export const ADMINISTRATOR = 'administrator';

const NEEDED = ['policy:write', 'policy:escalate'] as const;
type Needed = (typeof NEEDED)[number];

/**
 * Refuses changes of roles, each to what its name stands for or to nothing, unless an operator may change any role in any way once all of
 * them are made: when nobody may, nobody can give it back. An allow that ends or has conditions does not count, nor does one by way of a
 * group, which others fill; but that it takes an approval, which another operator may give, does. A deny counts, whatever it is on, whenever
 * it holds and by whatever way. A workload does not count either: its certificate ends, and who would enrol it anew?
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
  const present = operators.filter(({ disabled, password }) => disabled !== true && password !== undefined);
  const standings = present.map((operator) => standingOf(bindings, operator));
  const administers = (one: Standing): boolean =>
    NEEDED.every(
      (action) => one.alone(action) || (one.approved(action) && standings.some((other) => other !== one && other.decides(action))),
    );
  if (standings.some(administers)) return;
  throw new AccessError('conflict', 'an operator has to keep policy:write and policy:escalate on all roles');
}

/** What an operator may do about any role: by itself, with somebody's approval, and by approving. */
interface Standing {
  alone(action: Needed): boolean;
  approved(action: Needed): boolean;
  decides(action: Needed): boolean;
}

function standingOf(bindings: Bindings, { name: id, groups }: OperatorRecord): Standing {
  const rulesOf = (others?: readonly string[]): readonly Rule[] =>
    bindings.rolesOf({ kind: 'operator', id }, others).flatMap(({ rules }) => rules);
  const [own, all] = [rulesOf(), rulesOf(groups)];
  const denied = (action: Action): boolean => all.some(({ deny }) => speaksOf(deny, action));
  const allowed = (action: Action, fits: (rule: Rule) => boolean): boolean =>
    own.some((rule) => rule.until === undefined && speaksOf(rule.allow, action) && fits(rule)) && !denied(action);
  return {
    alone: (action) => allowed(action, ({ on, when }) => isAll(on) && when === undefined),
    approved: (action) => allowed(action, ({ on, when }) => isAll(on) && isApprovalAlone(when)) && !denied('approval:request'),
    decides: (action) => allowed('approval:decide', ({ on, when }) => isAllOf(on, action) && when === undefined),
  };
}

function speaksOf(actions: Rule['allow'], action: Action): boolean {
  return actions !== undefined && (actions.includes(action) || actions.includes(`${areaOf(action)}:*`));
}

/** A role's name is one segment. */
function isAll(on: string): boolean {
  return on === '**' || on === '*';
}

function isAllOf(on: string, action: Needed): boolean {
  return on === '**' || [action, 'policy:*'].some((written) => on === `${written}/**` || on === `${written}/*`);
}

function isApprovalAlone(when: Rule['when']): boolean {
  return when?.approved === true && Object.keys(when).length === 1;
}
