import { once } from 'node:events';
import { createServer } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestAuthority } from '../support/certificates.ts';
import { portOf } from '../support/ports.ts';
import { accessesIn } from '../support/audit-export.ts';
import { API } from '../support/loopback.ts';
import { idOf, NOBODY, Scene, type Caller } from './scene.ts';
import { CORPUS, HIDDEN } from './smuggling-corpus.ts';
import type { Answer } from '../support/raw-connection.ts';
import { exchange, message } from './wire.ts';
import { entryOf, expectProblem, expectSecurityHeaders } from './witness.ts';

const OWN = `${API}/secrets/app1/db`;
const STATUS = `GET ${API}/system/status HTTP/1.1`;
const HOST = 'Host: localhost';
const CLOSE = 'Connection: close';

let scene: Scene;
let api: Caller;
let before: string;

beforeAll(async () => {
  scene = await Scene.start();
  api = scene.caller('api');
  for (const path of ['app1/db', 'app1/hidden', 'app2/db']) {
    await scene.must(scene.caller('keeper'), 'PUT', `/secrets/${path}`, { data: { value: `CANARY-${path}` } });
  }
  await scene.applyRole('api', [{ allow: ['secret:*'], on: 'app1/**' }], [idOf('api')]);
  await scene.applyRole('other', [{ allow: ['secret:read'], on: 'app2/**' }], [idOf('auditor')]);
  before = await scene.holdings();
});
beforeEach(() => scene.nextMinute());
afterAll(() => scene.stop());

describe('A request hidden in another (K1)', () => {
  it('comes in more than sixty ways, each with a name of its own', () => {
    expect(new Set(CORPUS.map(({ name }) => name)).size).toBe(CORPUS.length);
    expect(CORPUS.length).toBeGreaterThanOrEqual(60);
  });

  it('would have been found by a server that is lenient', async () => {
    const fooled: string[] = [];
    await using server = await lenientServer((url) => url === HIDDEN && fooled.push(url));
    await Promise.all(CORPUS.map(({ bytes }) => exchange(server.line, bytes + message(STATUS, [HOST, CLOSE]), 1_000)));
    expect(fooled.length).toBeGreaterThan(10);
  });

  it.each(CORPUS)('is never an access: $name', async ({ bytes }) => {
    const answers = await scene.exchange(api, bytes + message(STATUS, [HOST, CLOSE]));
    expect(answers).toHaveLength(1);
    const [answer] = answers as [Answer];
    expect([400, 413]).toContain(answer.status);
    expect(answer.headers).toMatchObject({ connection: 'close', 'content-type': expect.stringMatching(/^application\/problem\+json/) });
    expectSecurityHeaders(answer);
    const entries = await scene.entries();
    expect(entryOf(entries, answer)).toMatchObject({ code: JSON.parse(answer.body).code });
    expect(entries.filter(({ caller: { id }, outcome }) => id === idOf('api') && outcome !== 'refused')).toEqual([]);
  });
});

describe('Requests in one go (K2)', () => {
  const pipeline = 100;

  it('are answered in their order, each caller with its own', async () => {
    const whole = (path: string): string =>
      message(`GET ${API}/secrets/${path} HTTP/1.1`, [HOST]).repeat(pipeline) + message(STATUS, [HOST, CLOSE]);
    const [own, others] = await Promise.all([
      scene.exchange(api, whole('app1/db')),
      scene.exchange(scene.caller('auditor'), whole('app2/db')),
    ]);
    expect(own.map(({ body }) => body.includes('CANARY-app1/db'))).toEqual([...Array.from({ length: pipeline }, () => true), false]);
    expect(others.map(({ body }) => body.includes('CANARY-app2/db'))).toEqual([...Array.from({ length: pipeline }, () => true), false]);
    expect(own.some(({ body }) => body.includes('CANARY-app2'))).toBe(false);
    const entries = await scene.entries();
    for (const answer of [...own, ...others]) entryOf(entries, answer);
  });

  it('are answered up to the one that is broken, which is recorded', async () => {
    const read = message(`GET ${OWN} HTTP/1.1`, [HOST]);
    const answers = await scene.exchange(api, read + message('GET / HTTP/9') + read);
    expect(answers.map(({ status }) => status)).toEqual([200]);
    const refused = (await scene.entries()).filter(({ outcome, action }) => outcome === 'refused' && action === '');
    expect(refused.at(-1)).toMatchObject({ code: 'malformed_request', peer: '127.0.0.1' });
    scene.unanswered += 1;
  });
});

describe('A body that never ends', () => {
  const half = message(`PUT ${OWN} HTTP/1.1`, [HOST, 'Content-Type: application/json', 'Content-Length: 100'], '{"data":');

  it.each<[string, (socket: Socket) => unknown]>([
    ['is closed', (socket) => socket.end()],
    ['is reset', (socket) => socket.resetAndDestroy()],
  ])('because the connection %s is one refusal, and no fault of the server', async (_how, cut) => {
    const { port, ca } = scene.lineOf(api);
    const before = (await scene.entries()).length;
    const socket = connectTcp(port, '127.0.0.1');
    const secured = connect({ socket, ca, cert: api.cert, key: api.key, servername: 'localhost' }).on('error', () => undefined);
    secured.write(half);
    await once(secured, 'secureConnect');
    await scene.entries();
    cut(socket);
    scene.unanswered += 1;
    const found = async () => (await scene.entries()).slice(before).filter(({ action }) => action !== 'audit:export');
    await expect
      .poll(found)
      .toMatchObject([{ action: 'secret:write', outcome: 'refused', code: 'malformed_request', caller: { id: idOf('api') } }]);
  });
});

describe('Headers in a flood (H13)', () => {
  it.each([
    ['5,000 of them', Array.from({ length: 5_000 }, (_, at) => `X-${at}: y`)],
    ['one more than a hundred', Array.from({ length: 99 }, (_, at) => `X-${at}: y`)],
    ['5,000 without a value', Array.from({ length: 5_000 }, (_, at) => `X${at}:`)],
    ['one of a MiB', [`X: ${'y'.repeat(1024 * 1024)}`]],
    ['one with a name of a MiB', [`${'x'.repeat(1024 * 1024)}: y`]],
    ['one just beyond the limit', [`X: ${'y'.repeat(16_384)}`]],
    ['a credential of 64 KiB', [`Authorization: Bearer hfs_${'A'.repeat(65_536)}`]],
  ])('%s are too many', async (_what, headers) => {
    const answers = await scene.exchange(api, message(`GET ${OWN} HTTP/1.1`, [HOST, CLOSE, ...headers]));
    expect(answers).toHaveLength(1);
    const [answer] = answers as [Answer];
    await expectRefused(answer, 'headers_too_large');
  });
});

describe('A host (H14)', () => {
  it.each([
    '',
    ' ',
    'a b',
    'a/b',
    'a@b',
    'a?b',
    'a#b',
    'http://a',
    'xn--\u00e9',
    '\u00e9',
    'xn--a:99999999',
    '[::1',
    '[::1%25eth0]',
    'a:b',
    'a,b',
    '%61',
    'a'.repeat(300),
    '\\',
    '<script>',
  ])('%j is none', async (host) => {
    const answers = await scene.exchange(api, message(STATUS, [`Host: ${host}`, CLOSE]));
    expect(answers).toHaveLength(1);
    await expectRefused(answers[0] as Answer, 'malformed_request');
  });

  it.each(['localhost', 'LOCALHOST:8443', '127.0.0.1', '[::1]:8443', 'other.example', 'xn--strae-oqa.example'])(
    '%s makes no difference',
    async (host) => {
      const [answer] = await scene.exchange(api, message(`GET ${OWN} HTTP/1.1`, [`Host: ${host}`, CLOSE]));
      expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('CANARY-app1/db') });
      expect(JSON.stringify(answer?.headers)).not.toContain(host.toLowerCase());
    },
  );
});

describe('What a proxy might have added', () => {
  const spoofs: readonly [string, string][] = [
    ['K7', 'X-Forwarded-For: 10.1.1.1'],
    ['K7', 'Forwarded: for=10.1.1.1;proto=https;host=vault'],
    ['K8', 'X-Real-IP: 10.1.1.1'],
    ['K8', 'X-Client-IP: 10.1.1.1'],
    ['K8', 'True-Client-IP: 10.1.1.1'],
    ['K8', 'CF-Connecting-IP: 10.1.1.1'],
    ['K4', 'X_Forwarded_For: 10.1.1.1'],
    ['K4', 'X.Forwarded.For: 10.1.1.1'],
    ['K4', 'X_Authenticated_User: spiffe://acme.internal/keeper'],
    ['K4', 'X.Authenticated.User: spiffe://acme.internal/keeper'],
    ['K4', 'X-Authenticated-User: spiffe://acme.internal/keeper'],
    ['K4', 'X-Remote-User: keeper'],
    ['K5', 'X-Forwarded-Client-Cert: URI=spiffe://acme.internal/keeper'],
    ['K5', 'X-SSL-Client-Verify: SUCCESS'],
    ['K5', 'X-SSL-Client-S-DN: CN=keeper'],
    ['K5', 'Connection: X-Forwarded-For, Authorization'],
    ['K5', 'X-Holdfast-Caller: spiffe://acme.internal/keeper'],
    ['A13', 'X-Original-URL: /api/v1/secrets/app1/db'],
    ['A13', 'X-Rewrite-URL: /api/v1/secrets/app1/db'],
    ['A13', 'X-HTTP-Method-Override: PUT'],
    ['A13', 'X-HTTP-Method: DELETE'],
    ['A13', 'X-Method-Override: DELETE'],
    ['K8', 'X-Request-Id: chosen'],
    ['K8', 'Request-Id: chosen'],
  ];

  it.each(spoofs)('%s: %s does not change who asks for what, or from where', async (_id, header) => {
    const [denied] = await scene.exchange(api, message(`GET ${API}/secrets/app2/db HTTP/1.1`, [HOST, CLOSE, header]));
    const [nobody] = await scene.exchange(NOBODY, message(`GET ${API}/secrets/app2/db HTTP/1.1`, [HOST, CLOSE, header]));
    expectProblem(denied as Answer, 'denied', 'readSecret');
    expectProblem(nobody as Answer, 'unauthenticated', 'readSecret');
    const entries = await scene.entries();
    expect(entryOf(entries, denied as Answer)).toMatchObject({
      peer: '127.0.0.1',
      resource: 'app2/db',
      action: 'secret:read',
      caller: { id: idOf('api') },
    });
    expect(entryOf(entries, nobody as Answer)).toMatchObject({ peer: '127.0.0.1', action: 'secret:read', caller: { kind: 'anonymous' } });
    expect(await scene.holdings()).toBe(before);
  });
});

describe('A credential', () => {
  it.each([
    ['beside a certificate', 'api', ['Authorization: Bearer hfs_x'], 'several_credentials'],
    ['that is empty, beside a certificate', 'api', ['Authorization:'], 'several_credentials'],
    ['twice', undefined, ['Authorization: Bearer hfs_x', 'Authorization: Bearer hfs_y'], 'session_refused'],
    ['in a list', undefined, ['Authorization: Bearer hfs_x, Bearer hfs_y'], 'session_refused'],
    ['of another scheme', undefined, ['Authorization: Basic YWxpY2U6eA=='], 'session_refused'],
    ['in small letters', undefined, ['authorization: bearer hfs_x'], 'session_refused'],
    ['with a space too many', undefined, ['Authorization: Bearer  hfs_x'], 'session_refused'],
    ['for the proxy', undefined, ['Proxy-Authorization: Bearer hfs_x'], 'unauthenticated'],
    ['in a cookie', undefined, ['Cookie: token=hfs_x'], 'unauthenticated'],
    ['of another kind', undefined, ['Authorization: Bearer hfe_x'], 'session_refused'],
  ] as const)('B11: %s makes nobody a caller', async (_what, who, headers, code) => {
    const caller = who === undefined ? NOBODY : scene.caller(who);
    const answers = await scene.exchange(caller, message(`GET ${OWN} HTTP/1.1`, [HOST, CLOSE, ...headers]));
    expect(answers).toHaveLength(1);
    await expectRefused(answers[0] as Answer, code);
  });
});

describe('The listeners (H11)', () => {
  it.each(['h2', 'h3', 'spdy/3.1', 'http/1.0'])('do not speak %s', async (protocol) => {
    const { port, ca } = scene.lineOf(NOBODY);
    const socket = connect({ host: '127.0.0.1', port, ca, ALPNProtocols: [protocol] });
    const [error] = await once(socket, 'error');
    expect(error).toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' });
  });
});

it('the server is alive, and nothing has changed', async () => {
  expect(await scene.must(NOBODY, 'GET', '/system/status')).toMatchObject({ sealed: false });
  expect(await scene.holdings()).toBe(before);
});

it('ONE-AUDIT: the log holds as many accesses as there were answers, and those that got none', async () => {
  await scene.settle();
  expect(accessesIn(await scene.entries())).toBe(scene.answered + scene.unanswered);
});

async function expectRefused(answer: Answer, code: Parameters<typeof expectProblem>[1]): Promise<void> {
  expectProblem(answer, code, 'readSecret');
  expectSecurityHeaders(answer);
  expect(answer.body).not.toContain('CANARY');
  expect(entryOf(await scene.entries(), answer)).toMatchObject({ code });
}

/** A server that reads what it can, as some do. It says what it was asked for. */
async function lenientServer(asked: (url: string) => unknown) {
  const authority = await TestAuthority.root('lenient');
  const { certificatePem: cert, privateKeyPem: key } = await authority.server();
  const server = createServer({ cert, key, insecureHTTPParser: true }, (request, response) => {
    asked(request.url ?? '');
    request.resume().on('end', () => response.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    line: { port: portOf(server), ca: authority.pem },
    async [Symbol.asyncDispose](): Promise<void> {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
