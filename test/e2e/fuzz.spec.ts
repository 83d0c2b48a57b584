import fc from 'fast-check';
import { problem, type Route, type RouteName, ROUTES } from '#contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessesIn } from '../support/audit-export.ts';
import type { Answer } from '../support/raw-connection.ts';
import { WireClient } from '../support/wire-client.ts';
import { BEYOND } from './route-cases.ts';
import { type Caller, idOf, NOBODY, Scene } from './scene.ts';
import { valuesOf } from './schema-values.ts';
import { codeOf, expectProblem, expectSecurityHeaders, routeOf } from './witness.ts';

const REQUESTS = 5_000;
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
const WHO = ['api', 'alice', 'nobody'] as const;

/** One request of the fuzz, as the contract's own schemas make it. */
interface Shot {
  readonly route: RouteName;
  readonly who: (typeof WHO)[number];
  readonly target: string;
  readonly body: unknown;
}

let scene: Scene;
const clients = new Map<Caller, WireClient>();
/** Entries that a bundle has beyond the one of its request. */
let itemsBeyond = 0;

beforeAll(async () => {
  scene = await Scene.start();
  const rights = [...new Set(Object.values(ROUTES).map((route): string => route.action))].filter((action) => action !== 'system:seal');
  const rules = rights.map((right) => ({ allow: [right], on: right.startsWith('system:') ? 'server' : '**' }));
  await scene.applyRole('fuzzer', rules, [idOf('api'), 'operator:alice']);
  // Somebody whose name is known and whom everything may happen to.
  await scene.must(scene.caller('alice'), 'POST', '/operators', { name: 'victim' });
  await scene.must(scene.caller('keeper'), 'PUT', `/secrets/${BEYOND[0]}`, { data: { a: 'CANARY' } });
});
afterAll(async () => {
  for (const client of clients.values()) client.close();
  await scene.stop();
});

describe(`H22: ${REQUESTS} requests made from the contract's schemas (FUZZ_SEED=${SEED})`, () => {
  it('are each answered by what the route declares, never by an error of the server', async () => {
    const seen = new Map<RouteName, Set<string>>();
    for (const [at, shot] of fc.sample(shots(), { numRuns: REQUESTS, seed: SEED }).entries()) {
      if (at % 100 === 0) await refresh();
      const answer = await fire(shot);
      judge(shot, answer);
      seen.set(shot.route, (seen.get(shot.route) ?? new Set()).add(String(codeOf(answer) ?? answer.status)));
    }
    expect([...seen.keys()].toSorted()).toEqual(Object.keys(ROUTES).toSorted());
    // A fuzz that only ever gets as far as the schema, or never that far, has shown nothing.
    const all = [...seen.values()].flatMap((codes) => [...codes]);
    for (const kind of ['200', '204', 'invalid_request', 'not_found', 'denied', 'unauthenticated']) expect(all).toContain(kind);
  });

  it('would be seen to fail, and to be answered by a problem of another route', async () => {
    const shot: Shot = { route: 'listRoles', who: 'nobody', target: '/api/v1/roles', body: undefined };
    const answer = await fire(shot);
    const { requestId } = JSON.parse(answer.body);
    expect(() => judge(shot, answer)).not.toThrow();
    for (const [status, code] of [
      [500, 'internal_error'],
      [409, 'conflict'],
    ] as const) {
      expect(() => judge(shot, { ...answer, status, body: JSON.stringify(problem(code, requestId)) })).toThrow('GET /api/v1/roles');
    }
  });

  it('leave one entry each, or are counted', async () => {
    await scene.settle();
    expect(accessesIn(await scene.entries())).toBe(scene.answered + itemsBeyond);
  });
});

/** Gives `alice` a new session, which the fuzz may end, and begins a new minute. */
async function refresh(): Promise<void> {
  scene.nextMinute();
  await scene.renewSession();
}

function shots(): fc.Arbitrary<Shot> {
  const known = fc.constantFrom(...BEYOND, 'a/b', 'administrator', 'fuzzer', 'victim', idOf('api'), idOf('x'), '2026-11-25T00:00:00Z');
  const strings = fc.oneof(known, fc.string({ maxLength: 20 }), fc.string({ unit: 'binary', maxLength: 20 }));
  const names = Object.keys(ROUTES) as RouteName[];
  return fc.oneof(...names.map((route) => shotsAt(route, ROUTES[route], strings)));
}

function shotsAt(route: RouteName, { path, body, query }: Route, strings: fc.Arbitrary<string>): fc.Arbitrary<Shot> {
  const parameter = strings.map((text) => encodeURI(text.toWellFormed()).replaceAll(/[?#]/g, '%3F'));
  const target = fc.tuple(parameter, query === undefined ? fc.constant({}) : valuesOf(query, strings)).map(([name, asked]) => {
    const search = new URLSearchParams(Object.entries(asked ?? {}).map(([key, value]) => [key, written(value)]));
    return `${path.replace(/\{\w+\}/, () => name)}${search.size === 0 ? '' : `?${search}`}`;
  });
  const payload = body === undefined ? fc.constant(undefined) : valuesOf(body, strings);
  return fc.record({ route: fc.constant(route), who: fc.constantFrom(...WHO), target, body: payload });
}

/** As a query has it. */
function written(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed();
}

async function fire({ route, who, target, body }: Shot): Promise<Answer> {
  const caller = who === 'nobody' ? NOBODY : scene.caller(who);
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const { status, body: text, headers } = await clientOf(caller).send(ROUTES[route].method, target, payload);
  const answer = { status, body: text, headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])) };
  scene.answered += 1;
  if (routeOf(ROUTES[route].method, target) === 'readBundle' && answer.status === 200) {
    const { items }: { items: readonly object[] } = JSON.parse(answer.body);
    itemsBeyond += Math.max(items.length, 1) - 1;
  }
  return answer;
}

function clientOf(caller: Caller): WireClient {
  const known = clients.get(caller);
  if (known !== undefined) return known;
  const { port, ca } = scene.lineOf(caller);
  const client = new WireClient(port, ca, caller);
  clients.set(caller, client);
  return client;
}

/** @throws Error that says what was asked */
function judge({ route, target, body }: Shot, answer: Answer): void {
  const { method } = ROUTES[route];
  const found = routeOf(method, target);
  const code = codeOf(answer);
  try {
    expect(answer.status).not.toBe(500);
    expectSecurityHeaders(answer, found);
    if (code === undefined) expect(answer.status).toBe(found && ROUTES[found].status);
    else expectProblem(answer, code, found);
  } catch (error) {
    throw new Error(`${method} ${target} ${JSON.stringify(body)}: ${answer.status} ${answer.body.slice(0, 300)}`, { cause: error });
  }
}
