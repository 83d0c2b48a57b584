import { AuthzError } from '../errors.ts';

const MOST_TEXTS = 64;

/** An object with no other fields than these. @throws AuthzError `invalid_role` */
export function record(value: unknown, place: string, fields: readonly string[]): Record<string, unknown> {
  const entries = open(value, place);
  for (const field of Object.keys(entries)) {
    if (!fields.includes(field)) fail(place, `an unknown field; there are ${fields.join(', ')}`);
  }
  return entries;
}

/** An object. @throws AuthzError `invalid_role` */
export function open(value: unknown, place: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(place, 'not an object');
  return { ...value };
}

/** A list of at most so many. @throws AuthzError `invalid_role` */
export function list(value: unknown, place: string, most: number): readonly unknown[] {
  if (!Array.isArray(value)) fail(place, 'not a list');
  if (value.length > most) fail(place, `more than ${most} of them`);
  return value;
}

/** A list of different texts, at least one, each of which fits; `what` says in words what one is. @throws AuthzError `invalid_role` */
export function texts(value: unknown, place: string, fits: (text: string) => boolean, what: string): readonly string[] {
  const all = list(value, place, MOST_TEXTS);
  if (all.length === 0) fail(place, 'it names none');
  const fitting = all.map((text, index) => (typeof text === 'string' && fits(text) ? text : fail(`${place}[${index}]`, `not ${what}`)));
  if (new Set(fitting).size !== fitting.length) fail(place, 'it names one twice');
  return fitting;
}

/** The same, where one alone may stand without its list. @throws AuthzError `invalid_role` */
export function textOrTexts(value: unknown, place: string, fits: (text: string) => boolean, what: string): string | readonly string[] {
  if (Array.isArray(value)) return texts(value, place, fits, what);
  return typeof value === 'string' && fits(value) ? value : fail(place, `not ${what}`);
}

/** @throws AuthzError `invalid_role`, with a hint that names the place and never what stands there */
export function fail(place: string, what: string): never {
  throw new AuthzError('invalid_role', `${place}: ${what}`);
}
