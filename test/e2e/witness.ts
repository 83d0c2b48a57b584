import type { Entry } from '#audit';
import { COMMON_PROBLEMS, PROBLEMS, type ProblemCode, resolve, type RouteName, ROUTES } from '#contract';
import { expect } from 'vitest';
import type { Scene } from './scene.ts';
import type { Answer } from '../support/raw-connection.ts';

/** What every answer carries, whatever it is. */
const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000',
  'x-content-type-options': 'nosniff',
} as const;

/** Of the one page that people look at. */
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

const PROBLEM_TYPE = /^application\/problem\+json(?:; charset=utf-8)?$/;

/** The answer's security headers are all there and nothing speaks of what the server is made of. */
export function expectSecurityHeaders({ headers }: Answer, route?: RouteName): void {
  const page = route === 'browse' && headers['content-type']?.startsWith('text/html');
  expect(headers).toMatchObject({ ...SECURITY_HEADERS, ...(page ? { 'content-security-policy': PAGE_POLICY } : {}) });
  expect(Object.keys(headers)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(?:server|x-powered-by|access-control-.*|set-cookie)$/)]),
  );
}

/** The answer is this problem and nothing else, and one that the contract lets its route answer with, where it has a route. */
export function expectProblem(answer: Answer, code: ProblemCode, route: RouteName | undefined): void {
  if (route !== undefined) expect([...COMMON_PROBLEMS, ...ROUTES[route].problems]).toContain(code);
  const { status, title } = PROBLEMS[code];
  expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
  const { hint, ...problem } = JSON.parse(answer.body);
  expect(problem).toEqual({ type: `urn:holdfast:problem:${code}`, title, status, code, requestId: requestIdOf(answer) });
  expect(['string', 'undefined']).toContain(typeof hint);
}

/** The route that a request leads to, if it leads anywhere. */
export function routeOf(method: string, target: string): RouteName | undefined {
  const resolution = resolve(method, target);
  return 'route' in resolution ? resolution.route : undefined;
}

/** The code of a problem; undefined of any other answer. */
export function codeOf({ headers, body }: Answer): ProblemCode | undefined {
  return PROBLEM_TYPE.test(headers['content-type'] ?? '') ? JSON.parse(body).code : undefined;
}

function requestIdOf({ headers }: Answer): string {
  return headers['request-id'] ?? '';
}

/** What is left of an answer without its own id, its time and the names asked for: it must be the same whether those exist or not. */
export function indistinct(answer: Answer, names: readonly string[]): string {
  const { date: _, ...headers } = answer.headers;
  const text = JSON.stringify({ ...answer, headers });
  return [requestIdOf(answer), ...names].reduce((left, name) => left.replaceAll(name, '?'), text);
}

/** The one entry of a request, wherever it ended. */
export function entryOf<E extends Pick<Entry, 'requestId' | 'count'>>(entries: readonly E[], answer: Answer): E {
  const id = requestIdOf(answer);
  const found = entries.filter(({ requestId }) => requestId === id);
  expect(found, `entries of the request ${id}`).toHaveLength(1);
  const [entry] = found;
  if (entry === undefined || entry.count !== undefined) throw new Error('the entry stands for more than this request');
  return entry;
}

/** The log accounts for the answer: one entry, of the action that the route declares. */
export async function expectRecorded(scene: Scene, answer: Answer, route: RouteName): Promise<Entry> {
  const entry = entryOf(await scene.entries(), answer);
  expect(entry.action).toBe(ROUTES[route].action);
  return entry;
}
