import type { z } from 'zod';
import { ContractError } from './errors.ts';
import type { Route } from './route.ts';
import { ROUTES, type BodyOf, type QueryOf, type RouteName } from './routes.ts';

/**
 * The body of a request, checked; an absent one is `undefined`. Unknown fields are refused.
 * @throws ContractError `invalid_request`; its hint names the place and what was expected there.
 */
export function checkBody<R extends RouteName>(name: R, body: unknown): BodyOf<R>;
export function checkBody(name: RouteName, body: unknown): unknown {
  const { body: schema }: Route = ROUTES[name];
  if (schema !== undefined) return check(schema, body);
  if (body !== undefined) throw new ContractError('invalid_request', 'this route takes no body');
  return undefined;
}

/**
 * The query of a request, checked and with its numbers as numbers.
 * @throws ContractError `invalid_request`
 */
export function checkQuery<R extends RouteName>(name: R, query: Readonly<Record<string, string>>): QueryOf<R>;
export function checkQuery(name: RouteName, query: Readonly<Record<string, string>>): unknown {
  const { query: schema }: Route = ROUTES[name];
  if (isEmpty(query)) return schema === undefined ? query : checkEmpty(name, schema);
  if (schema !== undefined) return check(schema, query);
  throw new ContractError('invalid_request', 'this route takes no query parameters');
}

const ofEmpty = new Map<RouteName, unknown>();

/** Most requests have no query: what its schema makes of none is worked out once. */
function checkEmpty(name: RouteName, schema: z.ZodType): unknown {
  const known = ofEmpty.get(name);
  if (known !== undefined) return known;
  const checked = check(schema, {});
  ofEmpty.set(name, Object.freeze(checked));
  return checked;
}

function isEmpty(query: object): boolean {
  for (const _ in query) return false;
  return true;
}

function check(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ContractError('invalid_request', hintOf(result.error.issues[0]));
}

/** Names the schema's own places only: a record's keys are the caller's, and a secret's field names stay out of hints. */
function hintOf(issue: z.core.$ZodIssue | undefined): string | undefined {
  if (issue === undefined) return undefined;
  const place = placeOf(issue.path);
  if (issue.code === 'unrecognized_keys') return `${place}has the unknown field ${issue.keys.map(printable).join(', ')}`;
  return `${place}${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`;
}

function placeOf(path: readonly PropertyKey[]): string {
  const own = path[0] === 'data' || path[0] === 'labels' ? path.slice(0, 1) : path;
  return own.length === 0 ? '' : `${own.map(String).join('.')}: `;
}

function printable(name: string): string {
  return /^[A-Za-z0-9._-]{1,64}$/.test(name) ? `\`${name}\`` : '(not printable)';
}
