import { ACTIONS, isAction, type Area } from './actions.ts';
import { parseWhen } from './parse-when.ts';
import { isPlainName } from './plain-name.ts';
import { formOf, isPatternOf } from './resource-grammar.ts';
import { fail, list, record, texts } from './role-input.ts';
import type { ActionPattern, Rule } from './role.ts';

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
const MOST_NAME_CHARACTERS = 256;

/** A rule from untrusted input, strictly; one that nothing could ever match is refused. @throws AuthzError `invalid_role` */
export function parseRule(value: unknown, place: string): Rule {
  const rule = record(value, place, ['allow', 'deny', 'on', 'fields', 'when', 'until']);
  if ((rule['allow'] === undefined) === (rule['deny'] === undefined)) fail(place, 'a rule has either allow or deny');
  const effect = rule['allow'] === undefined ? 'deny' : 'allow';
  const actions = parseActions(rule[effect], `${place}.${effect}`);
  const area = areaOfPattern(actions[0]);
  const { fields, when, until } = rule;
  return {
    [effect]: actions,
    on: parseOn(rule['on'], area, `${place}.on`),
    ...(fields === undefined ? {} : { fields: parseFields(fields, actions, `${place}.fields`) }),
    ...(when === undefined ? {} : { when: parseWhen(when, effect, area, `${place}.when`) }),
    ...(until === undefined ? {} : { until: parseUntil(until, `${place}.until`) }),
  };
}

function parseActions(value: unknown, place: string): readonly [ActionPattern, ...ActionPattern[]] {
  const [first, ...others] = list(value, place, 64).map((action, index) => parseAction(action, `${place}[${index}]`));
  if (first === undefined) fail(place, 'it names no action');
  const area = areaOfPattern(first);
  if (others.some((other) => areaOfPattern(other) !== area)) fail(place, 'the actions of one rule belong to one area');
  if (new Set([first, ...others]).size !== others.length + 1) fail(place, 'it names one twice');
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

function parseFields(value: unknown, actions: readonly ActionPattern[], place: string): readonly string[] {
  if (actions.some((action) => action !== 'secret:read')) fail(place, 'only secret:read is about fields');
  return texts(value, place, (text) => isPlainName(text, MOST_NAME_CHARACTERS), 'the name of a field');
}

function parseUntil(value: unknown, place: string): string {
  if (typeof value !== 'string' || !TIMESTAMP.test(value) || Number.isNaN(Date.parse(value))) fail(place, 'not a time as in RFC 3339');
  return value;
}
