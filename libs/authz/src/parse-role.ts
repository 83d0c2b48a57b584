import { ACTIONS, isAction, type Area } from './actions.ts';
import { AuthzError } from './errors.ts';
import { formOf, isBinding, isPatternOf } from './resource-grammar.ts';
import type { ActionPattern, Role, Rule } from './role.ts';

const NAME = /^[a-z][a-z0-9-]{0,63}$/;
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
const RESERVED = new Set(['anonymous', 'builtin', 'root', 'server']);
/** Of rules, and of bindings. */
const MOST = 1_000;

/**
 * A role from untrusted input, strictly: unknown fields, other spellings of a name and actions of two areas in one rule are refused.
 *
 * @throws AuthzError `invalid_role`; its hint names the place, and the names that there are where one is not known.
 */
export function parseRole(value: unknown): Role {
  const role = record(value, 'role', ['role', 'rules', 'bind']);
  return {
    role: parseName(role['role']),
    rules: list(role['rules'], 'rules', MOST).map((rule, index) => parseRule(rule, `rules[${index}]`)),
    bind: list(role['bind'] ?? [], 'bind', MOST).map((binding, index) => parseBinding(binding, `bind[${index}]`)),
  };
}

/** Only lower-case ASCII, so that no name looks like another one. @throws AuthzError `invalid_role` */
function parseName(value: unknown): string {
  if (typeof value !== 'string' || !NAME.test(value)) fail('role', 'a name is a letter and up to 63 of a-z, 0-9 and -');
  if (RESERVED.has(value)) fail('role', 'this name is reserved');
  return value;
}

function parseRule(value: unknown, place: string): Rule {
  const rule = record(value, place, ['allow', 'deny', 'on', 'until']);
  if ((rule['allow'] === undefined) === (rule['deny'] === undefined)) fail(place, 'a rule has either allow or deny');
  const effect = rule['allow'] === undefined ? 'deny' : 'allow';
  const actions = parseActions(rule[effect], `${place}.${effect}`);
  const until = parseUntil(rule['until'], `${place}.until`);
  return {
    [effect]: actions,
    on: parseOn(rule['on'], areaOfPattern(actions[0]), `${place}.on`),
    ...(until === undefined ? {} : { until }),
  };
}

function parseActions(value: unknown, place: string): readonly [ActionPattern, ...ActionPattern[]] {
  const [first, ...others] = list(value, place, 64).map((action, index) => parseAction(action, `${place}[${index}]`));
  if (first === undefined) fail(place, 'it names no action');
  const area = areaOfPattern(first);
  if (others.some((other) => areaOfPattern(other) !== area)) fail(place, 'the actions of one rule belong to one area');
  return [first, ...others];
}

function parseAction(value: unknown, place: string): ActionPattern {
  if (typeof value === 'string' && (isAction(value) || isAreaPattern(value))) return value;
  const known = Object.entries(ACTIONS).flatMap(([area, verbs]) => verbs.map((verb) => `${area}:${verb}`));
  return fail(place, `not an action; there are ${known.join(', ')}`);
}

function isAreaPattern(text: string): text is `${Area}:*` {
  return text.endsWith(':*') && Object.hasOwn(ACTIONS, text.slice(0, -2));
}

function areaOfPattern(action: ActionPattern): Area {
  return action.slice(0, action.indexOf(':')) as Area;
}

function parseOn(value: unknown, area: Area, place: string): string {
  if (typeof value !== 'string' || !isPatternOf(area, value)) fail(place, `actions of ${area} are on ${formOf(area)}`);
  return value;
}

function parseUntil(value: unknown, place: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !TIMESTAMP.test(value) || Number.isNaN(Date.parse(value))) fail(place, 'not a time as in RFC 3339');
  return value;
}

function parseBinding(value: unknown, place: string): string {
  if (typeof value !== 'string' || !isBinding(value)) fail(place, 'not a spiffe://… pattern or operator:NAME');
  return value;
}

function record(value: unknown, place: string, fields: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(place, 'not an object');
  for (const field of Object.keys(value)) {
    if (!fields.includes(field)) fail(place, `an unknown field; there are ${fields.join(', ')}`);
  }
  return { ...value };
}

function list(value: unknown, place: string, most: number): readonly unknown[] {
  if (!Array.isArray(value)) fail(place, 'not a list');
  if (value.length > most) fail(place, `more than ${most} of them`);
  return value;
}

function fail(place: string, what: string): never {
  throw new AuthzError('invalid_role', `${place}: ${what}`);
}
