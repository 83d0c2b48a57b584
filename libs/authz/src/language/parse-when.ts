import type { Area } from './actions.ts';
import { isNetwork } from './network.ts';
import { isPlain, isPlainName } from './plain-name.ts';
import { DAYS, METHODS, type TimeWindow, type When } from './role.ts';
import { fail, open, record, textOrTexts, texts } from './role-input.ts';
import { isTimeOfDay, isTimeZone } from './time-window.ts';

const MOST_CHARACTERS = 63;
const LABEL = 'label.';

type Parse = (value: unknown, place: string) => unknown;

const CONDITIONS: Readonly<Record<string, Parse>> = {
  from: (value, place) => textOrTexts(value, place, isNetwork, 'a network such as 10.0.0.0/8, without host bits and longer than /0'),
  time: parseTime,
  method: (value, place) => textOrTexts(value, place, (text) => (METHODS as readonly string[]).includes(text), METHODS.join(' or ')),
  factors: (value, place) => (value === 2 ? value : fail(place, 'not 2')),
  approved: (value, place) => (value === true ? value : fail(place, 'not true')),
};

/**
 * The conditions of a rule from untrusted input. Those that could never hold are refused, and those that in a deny would say the opposite
 * of what is meant.
 *
 * @throws AuthzError `invalid_role`
 */
export function parseWhen(value: unknown, effect: 'allow' | 'deny', area: Area, place: string): When {
  const conditions = Object.entries(open(value, place));
  if (conditions.length === 0) fail(place, 'it names no condition');
  const parsed = Object.fromEntries(conditions.map(([name, wanted]) => [name, parseCondition(name, wanted, area, place)])) as When;
  if (effect === 'deny' && (parsed.factors ?? parsed.approved) !== undefined) {
    fail(place, 'factors and approved are asked of who is allowed; a deny would be for those who have them');
  }
  if (parsed.factors && [parsed.method].flat().every((method) => method === 'certificate')) {
    fail(place, 'it can never hold: a certificate is one factor');
  }
  return parsed;
}

function parseCondition(name: string, value: unknown, area: Area, place: string): unknown {
  if (name.startsWith(LABEL)) return parseLabel(name, value, area, place);
  const parse = Object.hasOwn(CONDITIONS, name) ? CONDITIONS[name] : undefined;
  return (
    parse?.(value, `${place}.${name}`) ?? fail(place, `an unknown condition; there are label.NAME, ${Object.keys(CONDITIONS).join(', ')}`)
  );
}

function parseLabel(name: string, value: unknown, area: Area, place: string): string | readonly string[] {
  if (!isPlainName(name.slice(LABEL.length), MOST_CHARACTERS)) fail(place, 'no label has such a name');
  if (area !== 'secret') fail(place, 'only secrets have labels');
  return textOrTexts(value, `${place}.label`, (text) => isPlain(text, MOST_CHARACTERS), 'a value that a label can have');
}

function parseTime(value: unknown, place: string): TimeWindow {
  const { days, between, zone } = record(value, place, ['days', 'between', 'zone']);
  if (days === undefined && between === undefined) fail(place, 'it has days or between');
  if (zone !== undefined && (typeof zone !== 'string' || !isTimeZone(zone))) fail(`${place}.zone`, 'no time zone such as Europe/Rome');
  const window = {
    ...(days === undefined ? {} : { days: texts(days, `${place}.days`, isDay, `one of ${DAYS.join(', ')}`) }),
    ...(between === undefined ? {} : { between: parseBetween(between, `${place}.between`) }),
    ...(zone === undefined ? {} : { zone }),
  };
  return window as TimeWindow;
}

function parseBetween(value: unknown, place: string): readonly string[] {
  const times = texts(value, place, isTimeOfDay, 'a time such as 08:00');
  if (times.length !== 2 || times[0] === '24:00') fail(place, 'not two different times, from and until');
  return times;
}

function isDay(text: string): boolean {
  return (DAYS as readonly string[]).includes(text);
}
