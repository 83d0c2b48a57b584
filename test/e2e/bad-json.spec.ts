import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { ROUTES, type ProblemCode, type RouteName } from '#contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accessesIn } from '../support/audit-export.ts';
import { API } from '../support/loopback.ts';
import { clusterDefinition, TokenIssuer } from '../support/token-issuer.ts';
import { idOf, Scene, type Caller } from './scene.ts';
import type { Answer } from '../support/raw-connection.ts';
import { message } from './wire.ts';
import { codeOf, entryOf, expectProblem, expectSecurityHeaders, routeOf } from './witness.ts';

const PATH = `${API}/secrets/app1/db`;
const MIB = 1024 * 1024;

let scene: Scene;
let api: Caller;
let before: string;

beforeAll(async () => {
  scene = await Scene.start();
  api = scene.caller('api');
  await scene.must(scene.caller('keeper'), 'PUT', '/secrets/app1/db', { data: { value: 'CANARY' } });
  await scene.applyRole('api', [{ allow: ['secret:*'], on: 'app1/**' }], [idOf('api')]);
  await scene.applyRole('policy', [{ allow: ['policy:*'], on: '**' }], [idOf('api')]);
  before = await scene.holdings();
});
beforeEach(() => scene.nextMinute());
afterAll(() => scene.stop());

describe('A body that is not strict JSON', () => {
  it.each<[string, string, string | Buffer, ProblemCode]>([
    ['J8', 'a field twice', '{"data":{"a":"1"},"data":{"a":"2"}}', 'duplicate_key'],
    ['J8', 'a field twice, deep inside', '{"data":{"a":"1","a":"2"}}', 'duplicate_key'],
    ['J8', 'a field twice, once escaped', String.raw`{"data":{"a":"1","\u0061":"2"}}`, 'duplicate_key'],
    ['J8', 'a field twice, with others between', '{"data":{"a":"1","b":"1","c":"1","a":"2"}}', 'duplicate_key'],
    ['J5', '__proto__', '{"__proto__":{"admin":true},"data":{"a":"1"}}', 'forbidden_key'],
    ['J5', '__proto__, deep inside', '{"data":{"__proto__":"1"}}', 'forbidden_key'],
    ['J5', '__proto__, escaped', String.raw`{"data":{"\u005f_proto__":"1"}}`, 'forbidden_key'],
    ['J5', 'constructor', '{"constructor":{"prototype":{"admin":true}},"data":{"a":"1"}}', 'forbidden_key'],
    ['J5', 'prototype among labels', '{"data":{"a":"1"},"labels":{"prototype":"1"}}', 'forbidden_key'],
    ['H1', 'nesting of 100,000 arrays', `{"data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'json_too_complex'],
    ['H1', 'nesting of 100,000 objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 'json_too_complex'],
    ['H1', '500,000 elements', `{"data":[${'1,'.repeat(499_999)}1]}`, 'json_too_complex'],
    ['H1', '100,000 keys', `{"data":{${keys(100_000, (at) => `k${at}`)}}}`, 'json_too_complex'],
    ['H1', '100,000 empty strings', `{"data":[${'"",'.repeat(99_999)}""]}`, 'json_too_complex'],
    ['H5', 'nesting that is never closed', '['.repeat(1_000_000), 'json_too_complex'],
    ['H8', '100,000 integer-like keys', `{"data":{${keys(100_000, (at) => String(at * 65_536))}}}`, 'json_too_complex'],
    ['J', 'a number beyond a double', '{"data":{"a":"1"},"ifVersion":1e400}', 'malformed_json'],
    ['J', 'a number beyond a double, negative', '{"data":{"a":"1"},"ifVersion":-1e400}', 'malformed_json'],
    ['J', 'a number that a double rounds', '{"data":{"a":"1"},"ifVersion":9007199254740993}', 'malformed_json'],
    ['J', 'a lone high surrogate', String.raw`{"data":{"a":"\ud800"}}`, 'malformed_json'],
    ['J', 'a lone low surrogate', String.raw`{"data":{"a":"\udc00x"}}`, 'malformed_json'],
    ['J', 'surrogates in the wrong order', String.raw`{"data":{"a":"\udc00\ud800"}}`, 'malformed_json'],
    ['J', 'a lone surrogate in a key', String.raw`{"data":{"\ud800":"1"}}`, 'malformed_json'],
    ['J', 'an encoded surrogate', Buffer.from('7b2264617461223a7b2261223a22eda080227d7d', 'hex'), 'malformed_json'],
    ['J', 'a byte order mark', '\ufeff{"data":{"a":"1"}}', 'malformed_json'],
    ['J', 'UTF-16', Buffer.from('{"data":{"a":"1"}}', 'utf16le'), 'malformed_json'],
    ['J', 'bytes that are not UTF-8', Buffer.from('7b2264617461223a7b2261223a22ff227d7d', 'hex'), 'malformed_json'],
    ['J', 'an overlong encoding', Buffer.from('7b2264617461223a7b2261223a22c0af227d7d', 'hex'), 'malformed_json'],
    ['J', 'a control character', '{"data":{"a":"\u0001"}}', 'malformed_json'],
    ['J', 'NUL after the end', '{"data":{"a":"1"}}\0', 'malformed_json'],
    ['J', 'two values', '{"data":{"a":"1"}}{"data":{"a":"2"}}', 'malformed_json'],
    ['J', 'half a value', '{"data":{"a":"1"', 'malformed_json'],
    ['J', 'a comma too many', '{"data":{"a":"1",}}', 'malformed_json'],
    ['J', 'a comment', '{"data":{"a":"1"}/* */}', 'malformed_json'],
    ['J', 'single quotes', "{'data':{'a':'1'}}", 'malformed_json'],
    ['J', 'keys without quotes', '{data:{a:"1"}}', 'malformed_json'],
    ['J', 'NaN', '{"data":{"a":"1"},"ifVersion":NaN}', 'malformed_json'],
    ['J', 'Infinity', '{"data":{"a":"1"},"ifVersion":Infinity}', 'malformed_json'],
    ['J', 'a leading zero', '{"data":{"a":"1"},"ifVersion":01}', 'malformed_json'],
    ['J', 'hexadecimal', '{"data":{"a":"1"},"ifVersion":0x1}', 'malformed_json'],
    ['J', 'nothing but white space', ' '.repeat(1_000), 'malformed_json'],
    ['J', 'YAML', 'data:\n  a: "1"\n', 'malformed_json'],
    ['H5', 'YAML that expands', 'a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]\n', 'malformed_json'],
    ['J', 'XML', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', 'malformed_json'],
  ])('%s: %s is refused', async (_id, _what, body, code) => {
    await expectRefused(await send('PUT', PATH, body), code);
  });
});

describe('A body that is JSON and does not fit', () => {
  const good = { data: { a: '1' } };

  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'data'],
    ['a list', [good]],
    ['nothing in it', {}],
    ['data that is null', { data: null }],
    ['data that is a list', { data: ['1'] }],
    ['a value that is a number', { data: { a: 1 } }],
    ['a value that is null', { data: { a: null } }],
    ['a value that is an object', { data: { a: { b: '1' } } }],
    ['labels that are a list', { ...good, labels: [['a', '1']] }],
    ['a label that is a list', { ...good, labels: { a: ['1'] } }],
    ['a version that is a text', { ...good, ifVersion: '1' }],
    ['H20 a version of 2^31', { ...good, ifVersion: 2_147_483_648 }],
    ['a version below zero', { ...good, ifVersion: -1 }],
    ['a version between two', { ...good, ifVersion: 1.5 }],
    ['a time that is none', { ...good, expiresAt: 'tomorrow' }],
    ['a time that is a number', { ...good, expiresAt: 1 }],
    ['a binary field that is an object', { ...good, binary: [{}] }],
  ])('J: %s is refused', async (_what, body) => {
    await expectRefused(await send('PUT', PATH, JSON.stringify(body)), 'invalid_request');
  });

  it.each<[string, string, object]>([
    ['J5', 'a field named by a path into a prototype', { data: { 'a[__proto__]': '1' } }],
    ['J5', 'a label named by a path into a prototype', { ...good, labels: { 'a[__proto__]': '1' } }],
    ['J5', 'a field without a name', { data: { '': '1' } }],
    ['J5', 'a field with a slash', { data: { '../a': '1' } }],
    ['J10', 'a field in composed letters', { data: { 'caf\u00e9': '1' } }],
    ['J10', 'a field in decomposed letters', { data: { 'cafe\u0301': '1' } }],
    ['J10', 'a label with a joiner that nobody sees', { ...good, labels: { 'ti\u200der': '1' } }],
    ['J10', 'a label that reads backwards', { ...good, labels: { tier: 'a\u202eb' } }],
    ['H1', 'data of more than a MiB', { data: { a: 'a'.repeat(MIB + 1) } }],
    ['H1', 'more than a thousand fields', { data: Object.fromEntries(Array.from({ length: 1_001 }, (_, at) => [`k${at}`, ''])) }],
    ['H1', 'more than 64 labels', { ...good, labels: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`k${at}`, ''])) }],
    ['J', 'a binary field that is not there', { ...good, binary: ['b'] }],
    ['J', 'a binary field that is not base64', { data: { a: '!' }, binary: ['a'] }],
  ])('%s: %s is no data', async (_id, _what, body) => {
    for (const method of ['PUT', 'PATCH']) {
      scene.nextMinute();
      await expectRefused(await send(method, PATH, JSON.stringify(body)), 'invalid_data', routeOf(method, PATH));
    }
  });

  it('J5: names that only look like a path are names and nothing else', async () => {
    const data = { 'a.__proto__.polluted': '1', 'toString.call': '2', 'hasOwnProperty.x': '3' };
    await scene.must(api, 'PUT', '/secrets/app1/dotted', { data, labels: { 'a.__proto__.polluted': '1' } });
    expect(await scene.must(api, 'GET', '/secrets/app1/dotted')).toMatchObject({ data, labels: { 'a.__proto__.polluted': '1' } });
    before = await scene.holdings();
  });

  it.each([
    [[]],
    [[0]],
    [[-1]],
    [[1.5]],
    [[2_147_483_648]],
    [['1']],
    [[null]],
    [Array.from({ length: 1_001 }, (_, at) => at + 1)],
    [{ 0: 1 }],
    [1],
  ])('H20: no versions are %j', async (versions) => {
    await expectRefused(await send('POST', `${PATH}:destroy`, JSON.stringify({ versions })), 'invalid_request', 'destroyVersions');
  });
});

describe('Mass assignment', () => {
  const columns = [
    'id',
    'kind',
    'key',
    'rev',
    'wrapped',
    'sealed',
    'path',
    'namespace',
    'version',
    'createdAt',
    'createdBy',
    'updatedAt',
    'owner',
  ];
  const powers = [
    'admin',
    'roles',
    'bind',
    'caller',
    'action',
    'tenantId',
    'requestId',
    'outcome',
    'decision',
    'issuedAt',
    'trustDomain',
    '$ref',
  ];
  const good: Partial<Record<RouteName, object>> = {
    writeSecret: { data: { a: '1' } },
    patchSecret: { data: { a: '1' } },
    restoreSecret: {},
    destroyVersions: { versions: [1] },
    readBundle: {},
    applyRole: { role: 'planted', rules: [], bind: [] },
    applyRoles: { roles: [{ role: 'planted', rules: [], bind: [] }] },
    requestApproval: { action: 'secret:read', resource: 'app1/db', reason: 'x' },
    approve: {},
    deny: {},
    cancelApproval: {},
    explain: { caller: 'anonymous', action: 'secret:read', resource: 'app1/db' },
    simulate: { deleted: 'nobody' },
    suggest: { caller: 'operator:alice', since: '2026-01-01T00:00:00Z' },
    whoCan: { action: 'secret:read', resource: 'app1/db' },
    setPassword: { password: 'a password' },
    signIn: { name: 'alice', password: 'a password' },
    inviteOperator: { name: 'x' },
    changeOperator: { disabled: true },
    resetPassword: {},
    changePassword: { current: 'a password', password: 'a password' },
    enrolTotp: { password: 'a password' },
    confirmTotp: { totp: '123456' },
    removeTotp: { password: 'a password', totp: '123456' },
    resetTotp: {},
    enrol: { spiffeId: idOf('x') },
    issueCertificate: { csr: 'x' },
    revoke: { spiffeId: idOf('x') },
    putIssuer: clusterDefinition(new TokenIssuer()),
    liftRevocation: { spiffeId: idOf('x') },
    putTrustBundle: { pem: 'x' },
    putCrls: { crls: [] },
    putProvider: { issuer: 'https://x', clientId: 'x', redirectUris: ['https://x/'], operator: '{sub}' },
    startSignIn: { redirectUri: 'https://x/' },
    finishSignIn: { flow: 'x', code: 'x', state: 'x' },
    initialize: { bootstrapToken: 'hfb_x', slots: [{ kind: 'file' }] },
    unseal: { slot: 'file' },
    seal: {},
  };

  it('is tried on every route that takes a body', () => {
    const bodies = Object.entries(ROUTES).filter(([, route]) => 'body' in route);
    expect(Object.keys(good).toSorted()).toEqual(bodies.map(([name]) => name).toSorted());
  });

  it.each(Object.entries(good) as [RouteName, object][])('J7: %s takes no field beside its own', async (route, body) => {
    const own = new Set(Object.keys(body));
    const answers: Answer[] = [];
    for (const field of [...columns, ...powers].filter((field) => !own.has(field))) {
      scene.nextMinute();
      answers.push(await send(ROUTES[route].method, targetOf(route), JSON.stringify({ ...body, [field]: 'x' })));
    }
    for (const answer of answers) expectProblem(answer, 'invalid_request', route);
    const entries = await scene.entries();
    for (const answer of answers) expect(entryOf(entries, answer)).toMatchObject({ code: 'invalid_request', action: ROUTES[route].action });
    expect(await scene.holdings()).toBe(before);
  });

  it.each(Object.entries(good) as [RouteName, object][])('J4: %s takes nothing into a prototype', async (route, body) => {
    const rest = JSON.stringify(body).slice(1);
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      scene.nextMinute();
      const planted = `{"${key}":{"polluted":true}${rest === '}' ? '' : ','}${rest}`;
      await expectRefused(await send(ROUTES[route].method, targetOf(route), planted), 'forbidden_key', route);
    }
  });
});

describe('A rule', () => {
  it.each([
    '__proto__.isAdmin',
    'constructor.prototype.x',
    'toString.call',
    'hasOwnProperty.x',
    'when',
    'conditions',
    'fields',
    'inverted',
  ])('J1: has no condition %s', async (condition) => {
    const rule = { allow: ['secret:read'], on: 'app2/**', [condition]: { isAdmin: true } };
    await expectRefused(
      await send('PUT', `${API}/roles/planted`, JSON.stringify({ role: 'planted', rules: [rule], bind: [] })),
      'invalid_request',
      'applyRole',
    );
  });

  it.each(['a.__proto__.isAdmin', 'toString.call', 'hasOwnProperty.x', 'constructor.prototype'])(
    'J2: on %s is a rule on that name alone',
    async (on) => {
      const rules = [{ allow: ['secret:read'], on: `${on}/*` }];
      await scene.applyRole('api', [{ allow: ['secret:*'], on: 'app1/**' }, ...rules], [idOf('api')]);
      expect((await scene.ask(api, { method: 'GET', path: `${API}/secrets/app2/db` })).status).toBe(403);
      expect((await scene.ask(api, { method: 'GET', path: `${API}/secrets/${on}/db` })).status).toBe(404);
      expect((await scene.ask(api, { method: 'GET', path: PATH })).status).toBe(200);
    },
  );
});

describe('A body that is something else', () => {
  const json = Buffer.from('{"data":{"a":"1"}}');

  it.each<[string, string | undefined, string | Buffer, string?]>([
    ['H17', 'multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="data"\r\n\r\n1\r\n--x--\r\n'],
    ['H16', 'application/x-www-form-urlencoded', 'data[a]=1'],
    ['H5', 'application/yaml', 'data: {a: "1"}'],
    ['H7', 'application/xml', '<data/>'],
    ['J', 'text/plain', json],
    ['J', undefined, json],
    ['J', '', json],
    ['J', 'application/json; charset=utf-16', Buffer.from('{"data":{"a":"1"}}', 'utf16le')],
    ['J', 'application/json; charset=utf-7', json],
    ['J', 'application/json, text/plain', json],
    ['J', 'text/plain, application/json', json],
    ['J', 'application/json-patch+json', '[]'],
    ['J', 'application/jsonx', json],
    ['J', 'application/problem+json', json],
    ['H23', 'application/json', gzipSync(json), 'gzip'],
    ['H23', 'application/json', gzipSync('a'.repeat(10 * MIB)), 'gzip'],
    ['H25', 'application/json', brotliCompressSync(json), 'br'],
    ['H23', 'application/json', deflateSync(json), 'deflate'],
    ['H23', 'application/json', zstdCompressSync(json), 'zstd'],
    ['H23', 'application/json', json, 'identity'],
    ['H23', 'application/json', json, 'x-gzip, gzip'],
  ])('%s: %s is refused as it stands (%#)', async (_id, type, body, coding) => {
    await expectRefused(await send('PUT', PATH, body, { type, coding }), 'unsupported_media_type');
  });

  it('H1: a body that says it is longer than 2 MiB is refused before it is read', async () => {
    const headers = ['Host: localhost', 'Content-Type: application/json', `Content-Length: ${2 * MIB + 1}`];
    const [answer] = await scene.exchange(api, message(`PUT ${PATH} HTTP/1.1`, headers, '{'));
    await expectRefused(answer as Answer, 'body_too_large');
  });

  it('H1: a body that turns out to be longer than 2 MiB is refused', async () => {
    const headers = ['Host: localhost', 'Content-Type: application/json', 'Transfer-Encoding: chunked'];
    const chunk = `100000\r\n${' '.repeat(MIB)}\r\n`;
    const [answer] = await scene.exchange(api, message(`PUT ${PATH} HTTP/1.1`, headers, `${chunk.repeat(2)}1\r\n \r\n`));
    await expectRefused(answer as Answer, 'body_too_large');
  });

  it('H1: a body of 2 MiB is read', async () => {
    await expectRefused(await send('PUT', PATH, ' '.repeat(2 * MIB)), 'malformed_json');
  });
});

it('J5: nothing that was sent has changed what every object is', () => {
  const fresh: Record<string, unknown> = {};
  expect([fresh['admin'], fresh['polluted'], fresh['isAdmin'], fresh['x']]).toEqual([undefined, undefined, undefined, undefined]);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(typeof fresh.toString.call).toBe('function');
});

it('a change that got through would have been noticed', async () => {
  await scene.must(scene.caller('keeper'), 'PATCH', '/secrets/app1/db', { labels: { planted: '1' } });
  expect(await scene.holdings()).not.toBe(before);
});

it('ONE-AUDIT: the log holds as many accesses as there were requests', async () => {
  await scene.settle();
  expect(accessesIn(await scene.entries())).toBe(scene.answered);
});

/** A route's target on something that is there, or could be. */
function targetOf(route: RouteName): string {
  const [path, role, operator] = ['app1/db', 'planted', 'x'];
  return ROUTES[route].path
    .replace('{path}', path)
    .replace('roles/{name}', `roles/${role}`)
    .replace('operators/{name}', `operators/${operator}`)
    .replace('{name}', 'x');
}

interface Kind {
  readonly type?: string;
  readonly coding?: string;
}

/** Sends a body byte for byte, as what it is said to be. */
async function send(
  method: string,
  path: string,
  body: string | Buffer,
  { type, coding }: Kind = { type: 'application/json' },
): Promise<Answer> {
  const bytes = Buffer.from(body);
  const kind = [...(type === undefined ? [] : [`Content-Type: ${type}`]), ...(coding === undefined ? [] : [`Content-Encoding: ${coding}`])];
  const headers = ['Host: localhost', 'Connection: close', `Content-Length: ${bytes.length}`, ...kind];
  const answers = await scene.exchange(api, Buffer.concat([Buffer.from(message(`${method} ${path} HTTP/1.1`, headers)), bytes]));
  expect(answers).toHaveLength(1);
  return answers[0] as Answer;
}

async function expectRefused(answer: Answer, code: ProblemCode, route: RouteName = 'writeSecret'): Promise<void> {
  expectProblem(answer, code, route);
  expectSecurityHeaders(answer);
  expect(answer.body).not.toContain('CANARY');
  expect(entryOf(await scene.entries(), answer)).toMatchObject({ code: codeOf(answer) });
  expect(await scene.holdings()).toBe(before);
}

function keys(count: number, nameOf: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => `"${nameOf(at)}":""`).join(',');
}
