import { ROUTES, type ProblemCode, type RouteName } from '#contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accessesIn } from '../support/audit-export.ts';
import { makeRequest } from '../support/certificates.ts';
import { API, PASSWORD } from '../support/loopback.ts';
import { idOf, NOBODY, Scene, type Caller } from './scene.ts';
import type { Answer } from '../support/raw-connection.ts';
import { message } from './wire.ts';
import { entryOf, expectProblem, expectSecurityHeaders } from './witness.ts';

/** A route, what is sent to it, and which credential the body holds. */
interface Bearing {
  readonly route: RouteName;
  readonly name?: string;
  readonly body?: object;
}

let scene: Scene;
let csr: string;
let token: string;
let session: string;
let operatorToken: string;
let flow: object;
let before: string;

beforeAll(async () => {
  scene = await Scene.start();
  await scene.must(scene.caller('keeper'), 'PUT', '/secrets/app1/db', { data: { value: 'CANARY' } });
  await scene.applyRole('api', [{ allow: ['secret:*'], on: 'app1/**' }], [idOf('api')]);
  await scene.applyRole('alice', [{ allow: ['secret:*'], on: 'app1/**' }], ['operator:alice']);
  before = await scene.holdings();
});
beforeEach(async () => {
  scene.nextMinute();
  await scene.renewSession();
  session = scene.caller('alice').token ?? '';
  operatorToken = scene.caller('used').token ?? '';
  csr = (await makeRequest(idOf('may/new'))).csrPem;
  token = (await scene.must<{ token: string }>(scene.caller('steward'), 'POST', '/enrolments', { spiffeId: idOf('may/new') })).token;
  const issuer = await scene.issuer();
  const begun = await scene.must<{ flow: string; authorizationUrl: string }>(NOBODY, 'POST', '/oidc/corp:start', BACK);
  flow = { flow: begun.flow, ...issuer.answerTo(begun.authorizationUrl) };
});
afterAll(() => scene.stop());

const BACK = { redirectUri: 'http://127.0.0.1:4711/callback' };

/** Credentials that a body can hold, all good. */
const IN_BODY: readonly (readonly [string, () => Bearing])[] = [
  ['a password', () => ({ route: 'signIn', body: { name: 'alice', password: PASSWORD } })],
  ['an enrolment token', () => ({ route: 'issueCertificate', body: { csr, token } })],
  ['a JWT', () => ({ route: 'issueCertificate', body: { csr, jwt: 'eyJhbGciOiJFUzI1NiJ9.e30.c2ln' } })],
  ['what a provider sent back', () => ({ route: 'finishSignIn', name: 'corp', body: flow })],
  ['the key of a slot', () => ({ route: 'unseal', body: { slot: 'file' } })],
];

/** Credentials beside it, each good where it stands alone. */
const BESIDE: readonly (readonly [string, () => { readonly caller: Caller; readonly headers: readonly string[] }])[] = [
  ['a certificate', () => ({ caller: scene.caller('api'), headers: [] })],
  ['a session', () => ({ caller: NOBODY, headers: [`Authorization: Bearer ${session}`] })],
];

const PAIRS = IN_BODY.flatMap(([inner, bearing]) => BESIDE.map(([outer, beside]) => [inner, outer, bearing, beside] as const));

describe('B11: two credentials', () => {
  it.each(PAIRS)('%s in the body and %s are refused, not merged', async (_inner, _outer, bearing, beside) => {
    const { caller, headers } = beside();
    await expectRefused(await send(caller, bearing(), headers), 'several_credentials', bearing().route);
  });

  it.each(['hfs', 'hfo', 'Basic', 'empty'])('a certificate and %s in the header are refused, whichever of them is good', async (kind) => {
    const values = { hfs: `Bearer ${session}`, hfo: `Bearer ${operatorToken}`, Basic: 'Basic YTpi', empty: '' };
    const headers = [`Authorization: ${values[kind as keyof typeof values]}`];
    for (const who of ['api', 'revoked', 'forged']) {
      scene.nextMinute();
      const answer = await send(scene.caller(who), { route: 'readSecret', name: 'app1/db' }, headers);
      await expectRefused(answer, 'several_credentials', 'readSecret');
    }
  });

  it('a certificate that a connection is known by, and a token that comes on it later, are refused', async () => {
    const head = `GET ${API}/secrets/app1/db HTTP/1.1`;
    const plain = message(head, ['Host: localhost']);
    const both = message(head, ['Host: localhost', 'Connection: close', `Authorization: Bearer ${session}`]);
    const [known, refused] = (await scene.exchange(scene.caller('api'), plain + both)) as [Answer, Answer];
    expect(known).toMatchObject({ status: 200 });
    await expectRefused(refused, 'several_credentials', 'readSecret');
  });

  it.each([
    ['the same session twice', () => [session, session]],
    ['a session and an operator token', () => [session, operatorToken]],
    ['an operator token and a session', () => [operatorToken, session]],
    ['a session and nonsense', () => [session, 'x']],
    ['nonsense and a session', () => ['x', session]],
  ] as const)('%s in two headers, or in a list, make nobody a caller', async (_what, tokens) => {
    const bearers = tokens().map((each) => `Bearer ${each}`);
    for (const headers of [bearers.map((bearer) => `Authorization: ${bearer}`), [`Authorization: ${bearers.join(', ')}`]]) {
      scene.nextMinute();
      const answer = await send(NOBODY, { route: 'readSecret', name: 'app1/db' }, headers);
      await expectRefused(answer, 'session_refused', 'readSecret');
    }
  });

  it('a token and a JWT in one body are refused', async () => {
    const answer = await send(NOBODY, { route: 'issueCertificate', body: { csr, token, jwt: 'eyJhbGciOiJFUzI1NiJ9.e30.c2ln' } });
    await expectRefused(answer, 'several_credentials', 'issueCertificate');
  });

  it('use nothing up: each is good alone afterwards', async () => {
    for (const [, bearing] of IN_BODY.filter(([inner]) => !['a JWT', 'the key of a slot'].includes(inner))) {
      for (const [, beside] of BESIDE) {
        const { caller, headers } = beside();
        expect((await send(caller, bearing(), headers)).status).toBe(400);
      }
      expect((await send(NOBODY, bearing())).status).toBe(201);
    }
    for (const [, beside] of BESIDE) {
      const { caller, headers } = beside();
      expect((await send(caller, { route: 'readSecret', name: 'app1/db' }, headers)).status).toBe(200);
    }
  });
});

it('ONE-AUDIT: the log holds as many accesses as there were requests', async () => {
  expect(await scene.holdings()).toBe(before);
  await scene.settle();
  expect(accessesIn(await scene.entries())).toBe(scene.answered);
});

async function send(caller: Caller, { route, name = '', body }: Bearing, headers: readonly string[] = []): Promise<Answer> {
  const { method, path } = ROUTES[route];
  const payload = body === undefined ? '' : JSON.stringify(body);
  const content = body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(payload)}`];
  const all = ['Host: localhost', 'Connection: close', ...headers, ...content];
  const answers = await scene.exchange(caller, message(`${method} ${path.replace(/\{\w+\}/, name)} HTTP/1.1`, all, payload));
  expect(answers).toHaveLength(1);
  return answers[0] as Answer;
}

async function expectRefused(answer: Answer, code: ProblemCode, route: RouteName): Promise<void> {
  expectProblem(answer, code, route);
  expectSecurityHeaders(answer);
  expect(answer.body).not.toContain('CANARY');
  expect(entryOf(await scene.entries(), answer)).toMatchObject({ outcome: 'refused', code, action: ROUTES[route].action });
}
