import type { Type } from '@nestjs/common';
import { ROUTES, type RouteName } from '#contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CONTROLLERS } from '../../apps/server/src/wiring/http.module.ts';
import { ROUTE_NAME } from '../../apps/server/src/http/route.ts';
import {
  BEYOND,
  ISSUERS_BEYOND,
  CASES_ON_SOMETHING,
  CASES_WITH_A_SECRET,
  CASES_WITHOUT_A_SECRET,
  CLOSED_CASES,
  OPEN_CASES,
  type ClosedCase,
  type Holder,
  type Wish,
} from './route-cases.ts';
import { accessesIn } from '../support/audit-export.ts';
import { idOf, NOBODY, Scene, type Caller } from './scene.ts';
import type { Answer } from '../support/raw-connection.ts';
import { message } from './wire.ts';
import { entryOf, expectProblem, expectRecorded, expectSecurityHeaders, indistinct } from './witness.ts';

const BOTH = ['api', 'alice'] as const;
const HOLDERS = { api: idOf('api'), alice: 'operator:alice' };

/** Credentials that make nobody a caller, on any route: what is answered, and what is recorded. */
const NO_CALLERS = [
  {
    who: 'somebody without a certificate, where one is required',
    caller: { listener: 'workload' } as const,
    code: 'certificate_refused',
    recorded: 'no_certificate',
  },
  { who: 'the holder of an expired certificate', caller: 'expired', code: 'certificate_refused', recorded: 'expired' },
  { who: 'the holder of a revoked certificate', caller: 'revoked', code: 'certificate_refused', recorded: 'revoked' },
  { who: 'the holder of a forged certificate', caller: 'forged', code: 'certificate_refused', recorded: 'untrusted' },
  {
    who: 'the holder of a certificate of another trust domain',
    caller: 'foreign',
    code: 'certificate_refused',
    recorded: 'foreign_trust_domain',
  },
  { who: 'an operator whose session has ended', caller: 'ended', code: 'session_refused', recorded: 'session_refused' },
  { who: 'the holder of an operator token that was used', caller: 'used', code: 'token_refused', recorded: 'token_refused' },
  {
    who: 'somebody with a certificate and a session, both good',
    caller: 'both',
    code: 'several_credentials',
    recorded: 'several_credentials',
  },
] as const;

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.start();
  await scene.must(scene.caller('keeper'), 'PUT', `/secrets/${BEYOND[0]}`, { data: { a: 'CANARY' } });
  await scene.must(scene.caller('steward'), 'PUT', `/issuers/${ISSUERS_BEYOND[0].name}`, ISSUERS_BEYOND[0].body);
});
beforeEach(() => scene.nextMinute());
afterAll(() => scene.stop());

describe.each(CLOSED_CASES)('%s', (route, { on, may, mayNot, only, builtin, itemised, after }) => {
  const { action, status } = ROUTES[route];
  beforeAll(() => scene.renewSession());

  it.each(BOTH)('A22: is not for %s, who may do everything else', async (who) => {
    await give(everythingBut(action, builtin ? on : undefined));
    const answers = await askAll(who, route, mayNot);
    for (const answer of answers) expectDenied(answer, route, itemised);
    expectIndistinct(answers, itemised);
    for (const answer of answers)
      expect(await expectRecorded(scene, answer, route)).toMatchObject({ outcome: 'denied', caller: callerOf(who) });
  });

  it.each(only ?? BOTH)('is for %s, who may do nothing else', async (who) => {
    await give([{ allow: [action], on }]);
    const wished = await may(scene, `${route.toLowerCase()}-${who}`);
    const answer = 'status' in wished ? wished : await askAs(scene.caller(who), route, wished);
    await after?.(scene);
    expect(answer).toMatchObject({ status });
    expectSecurityHeaders(answer);
    const outcome = action === 'secret:read' ? 'released' : 'done';
    expect(await expectRecorded(scene, answer, route)).toMatchObject({ outcome, caller: callerOf(who) });
  });

  it('is not for somebody without a credential', async () => {
    const answer = await askRaw(NOBODY, route, wanted(mayNot));
    expectProblem(answer, 'unauthenticated', route);
    expectSecurityHeaders(answer);
    expect(await expectRecorded(scene, answer, route)).toMatchObject({
      outcome: 'refused',
      code: 'unauthenticated',
      caller: { kind: 'anonymous' },
    });
  });

  itIsNotForNoCallers(route, wanted(mayNot));
});

describe.each(OPEN_CASES)('%s', (route, { may, known }) => {
  const { status } = ROUTES[route];
  beforeAll(() => scene.renewSession());

  it('is for somebody without a credential', async () => {
    const wished = await may(scene, 'nobody');
    const answer = 'status' in wished ? wished : await askAs(NOBODY, route, wished);
    expect(answer).toMatchObject({ status });
    expectSecurityHeaders(answer, route);
    expect(await expectRecorded(scene, answer, route)).toMatchObject({ outcome: 'done', caller: { kind: 'anonymous' } });
  });

  it.each(BOTH)('is for %s, who is somebody already, what the contract says', async (who) => {
    await give([]);
    const answer = await askAs(scene.caller(who), route, await known.wish(scene, who));
    const expected = known[who];
    if (typeof expected === 'number') expect(answer).toMatchObject({ status: expected });
    else expectProblem(answer, expected, route);
    expectSecurityHeaders(answer, route);
    await expectRecorded(scene, answer, route);
  });

  itIsNotForNoCallers(route, () => known.wish(scene, 'no-caller'));
});

describe.each(CASES_ON_SOMETHING)('%s', (route, { on, mayNot, itemised }) => {
  it('is not for a caller whose rule is on something else', async () => {
    await give([{ allow: [ROUTES[route].action], on }]);
    const answers = await askAll('api', route, mayNot);
    for (const answer of answers) expectDenied(answer, route, itemised);
    for (const answer of answers) expect(await expectRecorded(scene, answer, route)).toMatchObject({ outcome: 'denied' });
  });
});

describe.each(CASES_WITH_A_SECRET)('%s', (route, { code, wishes }) => {
  it('is not for somebody who does not know the secret that it asks for', async () => {
    const answers: Answer[] = [];
    for (const makes of wishes) {
      scene.nextMinute();
      const answer = await askAs(NOBODY, route, await makes(scene, 'nobody'));
      expectProblem(answer, code, route);
      expectSecurityHeaders(answer);
      await expectRecorded(scene, answer, route);
      answers.push(answer);
    }
    expectIndistinct(answers);
  });
});

describe.each(CASES_WITHOUT_A_SECRET)('%s', (route) => {
  beforeAll(() => scene.renewSession());

  it.each(BOTH)('is not for %s, once a role denies it', async (who) => {
    await give([{ deny: [ROUTES[route].action], on: 'server' }]);
    const answer = await askAs(scene.caller(who), route, {});
    expectDenied(answer, route);
    expect(await expectRecorded(scene, answer, route)).toMatchObject({ outcome: 'denied', caller: callerOf(who) });
  });
});

describe('the table of cases', () => {
  it('A20: is the only list of routes that are there without a credential', () => {
    const anonymous = [
      'browse',
      'describe',
      'finishSignIn',
      'initialize',
      'issueCertificate',
      'readSpiffeBundle',
      'readStatus',
      'signIn',
      'startSignIn',
      'unseal',
    ];
    expect(OPEN_CASES.map(([name]) => name).toSorted()).toEqual(anonymous);
  });

  it('names every handler that is registered, and nothing that has none', () => {
    expect(handledRoutes().toSorted()).toEqual(Object.keys(ROUTES).toSorted());
  });

  it('finds a request without its entry, one with two, and one that is hidden in a count', () => {
    const answer: Answer = { status: 200, headers: { 'request-id': 'r1' }, body: '' };
    const entry = { requestId: 'r1' };
    expect(entryOf([entry], answer)).toBe(entry);
    for (const planted of [[], [{ ...entry, requestId: 'r2' }], [entry, entry], [{ ...entry, count: 2 }]]) {
      expect(() => entryOf(planted, answer)).toThrow();
    }
  });

  it('finds answers that tell what is there from what is not', () => {
    const answer: Answer = { status: 403, headers: { 'request-id': 'r1', date: 'now' }, body: `${BEYOND[0]} r1` };
    const same: Answer = { status: 403, headers: { 'request-id': 'r2', date: 'then' }, body: `${BEYOND[1]} r2` };
    expect(indistinct(same, BEYOND)).toEqual(indistinct(answer, BEYOND));
    expect(indistinct({ ...same, body: `${BEYOND[1]} r2 ` }, BEYOND)).not.toEqual(indistinct(answer, BEYOND));
    expect(indistinct({ ...same, headers: { ...same.headers, etag: '1' } }, BEYOND)).not.toEqual(indistinct(answer, BEYOND));
  });
});

describe('the log', () => {
  it('holds as many accesses as there were requests', async () => {
    await scene.settle();
    const entries = await scene.entries();
    expect(accessesIn(entries)).toBe(scene.answered);
  });
});

function itIsNotForNoCallers(route: RouteName, wished: () => Wish | Promise<Wish>): void {
  it.each(NO_CALLERS)('is not for $who', async ({ caller, code, recorded }) => {
    const answer = await askRaw(typeof caller === 'string' ? scene.caller(caller) : caller, route, wished);
    expectProblem(answer, code, route);
    expectSecurityHeaders(answer);
    expect(await expectRecorded(scene, answer, route)).toMatchObject({ outcome: 'refused', code: recorded, caller: { kind: 'anonymous' } });
  });
}

/** Gives exactly these rules to both callers under test. */
async function give(rules: readonly object[]): Promise<void> {
  await scene.applyRole('case', rules, Object.values(HOLDERS));
}

/** Every right that there is, on everything, without this one; where it is a built-in one, it is denied. */
function everythingBut(action: string, denied?: string): readonly object[] {
  const others = [...new Set(Object.values(ROUTES).map((route): string => route.action)), 'secret:label', 'policy:escalate'];
  const rules = others
    .filter((each) => each !== action)
    .map((each) => ({ allow: [each], on: each.startsWith('system:') ? 'server' : '**' }));
  return [...rules, ...(denied === undefined ? [] : [{ deny: [action], on: denied }])];
}

async function askAll(who: (typeof BOTH)[number], route: RouteName, wishes: readonly Wish[]): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const each of wishes) answers.push(await askAs(scene.caller(who), route, each));
  return answers;
}

function askAs(caller: Caller, route: RouteName, { as = caller, body, ...wished }: Wish): Promise<Answer> {
  return scene.ask(as, { method: ROUTES[route].method, path: targetOf(route, wished), body });
}

/** The same by hand, on a connection of its own that may be kept open and isn't. */
async function askRaw(caller: Caller, route: RouteName, wished: () => Wish | Promise<Wish>): Promise<Answer> {
  const { body, ...rest } = await wished();
  const payload = body === undefined ? '' : JSON.stringify(body);
  const content = body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(payload)}`];
  const session = caller.token === undefined ? [] : [`Authorization: Bearer ${caller.token}`];
  const headers = ['Host: localhost', 'Connection: close', ...session, ...content];
  const answers = await scene.exchange(caller, message(`${ROUTES[route].method} ${targetOf(route, rest)} HTTP/1.1`, headers, payload));
  expect(answers).toHaveLength(1);
  return answers[0] as Answer;
}

function targetOf(route: RouteName, { name = '', query }: Wish): string {
  return ROUTES[route].path.replace(/\{\w+\}/, name) + (query === undefined ? '' : `?${query}`);
}

function wanted([first]: ClosedCase['mayNot']): () => Wish {
  return () => first;
}

/** The same answers, byte for byte, but for the names asked for and, where they are repeated in a body, that body's digest. */
function expectIndistinct(answers: readonly Answer[], itemised = false): void {
  const digest = ({ headers: { etag = '' } }: Answer): string[] => (itemised ? [JSON.stringify(etag).slice(1, -1)] : []);
  expect(new Set(answers.map((answer) => indistinct(answer, [...BEYOND, ...digest(answer)]))).size).toBe(1);
}

function expectDenied(answer: Answer, route: RouteName, itemised = false): void {
  expectSecurityHeaders(answer);
  expect(answer.body).not.toContain('CANARY');
  if (!itemised) return expectProblem(answer, 'denied', route);
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toEqual({ items: [{ path: expect.any(String), status: 403, code: 'denied' }] });
}

function callerOf(who: Holder): object {
  if (who === 'token') return { kind: 'operator', id: '(first)', method: 'token' };
  return who === 'api' ? { kind: 'workload', id: idOf('api') } : { kind: 'operator', id: 'alice' };
}

/** The routes that the methods of the server's controllers say they handle, as often as they say it. */
function handledRoutes(): string[] {
  return [...(CONTROLLERS as readonly Type[])].flatMap(({ prototype }) =>
    Object.getOwnPropertyNames(prototype)
      .filter((name) => name !== 'constructor')
      .flatMap((name) => Reflect.getMetadata(ROUTE_NAME, prototype[name]) ?? []),
  );
}
