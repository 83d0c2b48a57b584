import 'reflect-metadata';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes, webcrypto } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PemConverter, Pkcs10CertificateRequest, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
const at = (name: string): string => join(directory, name);
const API = '/api/v1';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

/** What the server was asked since the test began, and what it answers by `METHOD target`. */
let asked: Asked[] = [];
let answers: Record<string, Answer> = {};
let server: Server;
let address = '';

async function selfSigned(): Promise<{ key: string; cert: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const extensions = [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])];
  const cert = await X509CertificateGenerator.createSelfSigned({ name: 'CN=test', keys, signingAlgorithm: algorithm, extensions });
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { key, cert: cert.toString('pem') };
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '', headers } = request;
  const body = await text(request);
  asked.push({ method, url, headers, body: body === '' ? undefined : JSON.parse(body) });
  const answer = answers[`${method} ${url}`] ?? problem(404, 'unknown_route');
  response.writeHead(answer.status, { 'content-type': 'application/json' });
  response.end(typeof answer.body === 'string' ? answer.body : answer.body === undefined ? '' : JSON.stringify(answer.body));
}

function problem(status: number, code: string): Answer {
  return {
    status,
    body: { type: `urn:holdfast:problem:${code}`, title: `title of ${code}`, status, code, requestId: 'r-42', hint: 'try \u001b[2Jthis' },
  };
}

/** The package as it is installed: the launcher, the pinned Node and the bundle. */
function install(place: string): void {
  execFileSync(process.execPath, ['tools/bundle-cli.ts', join(place, 'dist/cli')], { cwd: root });
  mkdirSync(join(place, 'bin'));
  mkdirSync(join(place, 'node_modules/.bin'), { recursive: true });
  copyFileSync(join(root, 'bin/holdfast'), join(place, 'bin/holdfast'));
  symlinkSync(process.execPath, join(place, 'node_modules/.bin/node'));
}

beforeAll(async () => {
  install(directory);
  const tls = await selfSigned();
  writeFileSync(at('ca.pem'), tls.cert);
  writeFileSync(at('cert.pem'), tls.cert);
  writeFileSync(at('key.pem'), tls.key, { mode: 0o600 });
  server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, (request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  address = `https://127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}`;
});

afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

beforeEach(() => {
  asked = [];
  answers = {};
});

interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: Buffer;
  readonly err: string;
}

interface Started {
  readonly env?: Record<string, string>;
  readonly input?: string | Buffer;
  readonly cwd?: string;
  /** Sent as soon as the command has printed something. */
  readonly kill?: NodeJS.Signals;
}

const session = { HOLDFAST_TOKEN: 'hfs_CANARY' };

async function holdfast(args: readonly string[], { env = session, input = '', cwd, kill }: Started = {}): Promise<Finished> {
  const child = spawn(at('bin/holdfast'), args, {
    cwd,
    env: {
      PATH: process.env.PATH,
      XDG_STATE_HOME: at('state'),
      HOLDFAST_CA: at('ca.pem'),
      HOLDFAST_ADDR: address,
      HOLDFAST_OPERATOR_ADDR: address,
      ...env,
    },
  });
  const out: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  if (kill !== undefined) child.stdout.once('data', () => child.kill(kill));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.on('close', (code, signal) => resolve([code, signal])),
  );
  const err = await text(child.stderr);
  const [code, signal] = await ended;
  return { code, signal, out: Buffer.concat(out), err };
}

const secret = (data: Record<string, string>, more: object = {}): Answer => ({
  status: 200,
  body: { path: 'app/db', version: 3, data, labels: {}, createdAt: '2026-01-01T00:00:00Z', createdBy: 'operator:a', ...more },
});

describe('holdfast trust and revoke', () => {
  const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  const list = '-----BEGIN X509 CRL-----';
  const bundle = { status: 200, body: { trustDomain: 'a.example', certificates: [], lists: [] } };
  const requests = (): unknown[] => asked.map(({ method, url, body }) => [method, url.slice(API.length), body]);
  const REVOKED = '/revocations';

  beforeAll(() => {
    writeFileSync(at('bundle.pem'), pem);
    writeFileSync(at('bundle.json'), ' {"keys": [], "spiffe_sequence": 3}');
    writeFileSync(at('list.pem'), list);
    writeFileSync(at('list.crl'), Buffer.from('3003', 'hex'));
  });
  beforeEach(() => {
    for (const target of ['', ':crl']) answers[`PUT ${API}/trust-bundles/a.example${target}`] = bundle;
    for (const target of ['', ':lift']) answers[`POST ${API}${REVOKED}${target}`] = { status: 204 };
  });

  it.each<[string[], unknown[]]>([
    [['trust', 'apply', 'a.example', '-f', at('bundle.pem')], [['PUT', '/trust-bundles/a.example', { pem }]]],
    [
      ['trust', 'apply', 'a.example', '-f', at('bundle.json'), '--crl', at('list.crl')],
      [
        ['PUT', '/trust-bundles/a.example', { jwks: { keys: [], spiffe_sequence: 3 } }],
        ['PUT', '/trust-bundles/a.example:crl', { crls: ['MAM='] }],
      ],
    ],
    [['trust', 'apply', 'a.example', '--crl', at('list.pem')], [['PUT', '/trust-bundles/a.example:crl', { crls: [list] }]]],
    [['revoke', 'spiffe://a.example/w'], [['POST', REVOKED, { spiffeId: 'spiffe://a.example/w' }]]],
    [['revoke', 'spiffe://a.example/ns/**'], [['POST', REVOKED, { prefix: 'spiffe://a.example/ns/**' }]]],
    [['revoke', '--serial', '0x4A:ff', '--domain', 'a.example'], [['POST', REVOKED, { serial: '4Aff', trustDomain: 'a.example' }]]],
    [['revoke', '--fingerprint', 'SHA256:AB:CD'], [['POST', REVOKED, { fingerprint: 'sha256:abcd' }]]],
    [['revoke', '--lift', 'spiffe://a.example/w'], [['POST', `${REVOKED}:lift`, { spiffeId: 'spiffe://a.example/w' }]]],
  ])('%j asks for just that', async (args, expected) => {
    expect(await holdfast(args)).toMatchObject({ code: 0, err: '' });
    expect(requests()).toEqual(expected);
  });
});

describe('holdfast', () => {
  it('says what it can do', async () => {
    const { code, out } = await holdfast(['--help']);
    expect(code).toBe(0);
    for (const command of ['server', 'init', 'put', 'get', 'run', 'role apply', 'audit verify'])
      expect(out.toString()).toContain(`\n  ${command}`);
    for (const args of [
      ['put', '--help'],
      ['help', 'put'],
      ['put', 'a', '-h'],
    ])
      expect((await holdfast(args)).out.toString()).toMatch(/^holdfast put PATH/);
    expect((await holdfast(['role', '--help'])).out.toString()).toContain('\nholdfast role list\n');
    expect((await holdfast(['--version'])).out.toString()).toBe('0.1.0\n');
  });

  it('says how a command is called to whoever calls it wrongly', async () => {
    expect((await holdfast(['enrol'])).err).toContain('hint: holdfast enrol SPIFFE-ID');
    expect((await holdfast(['role'])).err).toContain('hint: there is role apply, role get, role list, ');
  });

  it.each([
    [['nonsense']],
    [['get']],
    [['get', 'a', 'b', 'c']],
    [['get', 'a', '--nope']],
    [['get', 'a', '--version', '0']],
    [['get', 'a', '--format', 'x']],
    [['get', 'a', '--format', 'raw']],
    [['put', 'a']],
    [['put', 'a', 'CANARY']],
    [['destroy', 'a']],
    [['run', '--']],
    [['run', 'a']],
    [['role', 'apply']],
    [['trust', 'apply', 'a.example']],
    [['revoke', 'spiffe://a.example/w', '--serial', '0a']],
    [['revoke']],
    [['constructor']],
    [['role']],
    [['get', '']],
    [['get', 'a/../CANARY']],
    [['put', 'a/CANARY b', 'x=1']],
    [['get', 'a?version=CANARY']],
    [['role', 'get', 'a/CANARY']],
    [['join', '--token', '', '--out', '/nonexistent']],
    [['init', '--slot', 'CANARY']],
    [['operator', 'set-password', 'a', '--token', 'CANARY']],
    [['login']],
    [['login', 'CANARY', '--oidc', 'corp']],
    [['login', 'CANARY', '--no-browser']],
    [['login', '--oidc', '../CANARY']],
    [['role', 'get', '..']],
    [['provider', 'apply']],
    [['provider', 'get', 'a/CANARY']],
  ])('answers %j with exit code 2, says why, and repeats no value', async (args) => {
    const { code, err, out } = await holdfast(args);
    expect([code, out.toString()]).toEqual([2, '']);
    expect(err).toMatch(/^holdfast: error: /);
    expect(err).not.toContain('CANARY');
    expect(asked).toEqual([]);
  });

  it.each([
    [400, 'invalid_path', 1],
    [401, 'session_refused', 3],
    [403, 'denied', 3],
    [404, 'not_found', 4],
    [409, 'conflict', 1],
    [500, 'internal_error', 1],
    [503, 'sealed', 5],
  ])('turns the problem %i %s into exit code %i', async (status, code, exit) => {
    answers[`GET ${API}/secrets/app/db`] = problem(status, code);
    const finished = await holdfast(['get', 'app/db']);
    expect(finished.code).toBe(exit);
    expect(finished.out.toString()).toBe('');
    expect(finished.err).toBe(
      `holdfast: error: ${code}: title of ${code}\nholdfast: hint: try \\u{1b}[2Jthis\nholdfast: request id: r-42\n`,
    );
  });

  it('exits 5 where there is no server, or none that it trusts', async () => {
    const nobody = await holdfast(['status'], { env: { HOLDFAST_OPERATOR_ADDR: 'https://127.0.0.1:1' } });
    expect(nobody.code).toBe(5);
    expect(nobody.err).toMatch(/^holdfast: error: 127\.0\.0\.1:1 can not be reached: ECONNREFUSED\nholdfast: hint: nothing listens there/);
    writeFileSync(at('other.pem'), (await selfSigned()).cert);
    const stranger = await holdfast(['get', 'app/db'], { env: { ...session, HOLDFAST_CA: at('other.pem') } });
    expect(stranger.code).toBe(5);
    expect(stranger.err).toContain('HOLDFAST_CA');
    expect(asked).toEqual([]);
  });

  it('refuses to send two credentials, or to go without any', async () => {
    const both = await holdfast(['get', 'a'], { env: { ...session, HOLDFAST_CERT: at('cert.pem'), HOLDFAST_KEY: at('key.pem') } });
    const none = await holdfast(['get', 'a'], { env: {} });
    const half = await holdfast(['get', 'a'], { env: { HOLDFAST_CERT: at('cert.pem') } });
    const empty = await holdfast(['get', 'a'], { env: { HOLDFAST_TOKEN: '', HOLDFAST_CERT: '' } });
    expect([both.code, none.code, half.code, empty.code]).toEqual([2, 2, 2, 2]);
    expect(asked).toEqual([]);
  });

  it('says what is wrong with a key, a certificate or a token before anything is sent', async () => {
    const [cert, key] = [at('cert.pem'), at('key.pem')];
    for (const wrong of [
      { HOLDFAST_CERT: key, HOLDFAST_KEY: key },
      { HOLDFAST_CERT: cert, HOLDFAST_KEY: cert },
    ]) {
      const { code, err } = await holdfast(['get', 'a/b'], { env: wrong });
      expect([code, err]).toEqual([1, expect.stringContaining('these are not a certificate and its key')]);
    }
    expect((await holdfast(['get', 'a/b'], { env: { HOLDFAST_TOKEN: 'two\nlines' } })).code).toBe(2);
    expect(asked).toEqual([]);
  });

  it.each(['http://127.0.0.1:1', 'https://u:p@h', 'https://h/path', 'nonsense'])(
    'refuses the address %s',
    async (HOLDFAST_OPERATOR_ADDR) => {
      expect((await holdfast(['status'], { env: { HOLDFAST_OPERATOR_ADDR } })).code).toBe(2);
    },
  );
});

describe('holdfast get', () => {
  it('prints JSON into a pipe', async () => {
    answers[`GET ${API}/secrets/app/db?version=3`] = secret({ password: 'p' });
    const { code, out } = await holdfast(['get', 'app/db', '--version', '3']);
    expect(code).toBe(0);
    expect(JSON.parse(out.toString())).toMatchObject({ path: 'app/db', version: 3, data: { password: 'p' } });
    expect(asked[0]?.headers.authorization).toBe('Bearer hfs_CANARY');
  });

  it('prints the very bytes of a field', async () => {
    const bytes = randomBytes(4_096);
    answers[`GET ${API}/secrets/app/db`] = secret({ text: ' two\nlines\n', key: bytes.toString('base64') }, { binary: ['key'] });
    expect((await holdfast(['get', 'app/db', 'text', '--format', 'raw'])).out.toString()).toBe(' two\nlines\n');
    expect((await holdfast(['get', 'app/db', 'key'])).out).toEqual(bytes);
    expect((await holdfast(['get', 'app/db', 'constructor'])).code).toBe(4);
  });

  it('prints variables', async () => {
    answers[`GET ${API}/secrets/app/db`] = secret({ password: "it's" });
    expect((await holdfast(['get', 'app/db', '--format', 'dotenv'])).out.toString()).toBe("DB_PASSWORD=`it's`\n");
    expect((await holdfast(['get', 'app/db', '--format', 'shell'])).out.toString()).toBe("export DB_PASSWORD='it'\\''s'\n");
  });
});

describe('holdfast put', () => {
  const target = `PUT ${API}/secrets/app/db`;
  const written: Answer = { status: 200, body: { path: 'app/db', version: 1, createdAt: '2026-01-01T00:00:00Z' } };

  it('takes fields from operands, files and standard input', async () => {
    answers[target] = written;
    writeFileSync(at('cert.der'), Buffer.of(0xff, 0x00));
    const { code } = await holdfast(
      ['put', 'app/db', 'user=a=b', `tls=@${at('cert.der')}`, 'password=-', '--label', 'tier=web', '--if-version', '0'],
      { input: 'p\n' },
    );
    expect(code).toBe(0);
    expect(asked[0]?.body).toEqual({
      data: { user: 'a=b', tls: '/wA=', password: 'p\n' },
      binary: ['tls'],
      labels: { tier: 'web' },
      ifVersion: 0,
    });
  });

  it('takes a JSON object from a file', async () => {
    answers[target] = written;
    expect((await holdfast(['put', 'app/db', '-f', '-'], { input: '{"a":"1"}' })).code).toBe(0);
    expect(asked[0]?.body).toEqual({ data: { a: '1' } });
    const wrong = await holdfast(['put', 'app/db', '-f', '-'], { input: '{"CANARY":1}' });
    expect([wrong.code, wrong.err]).toEqual([1, 'holdfast: error: the file is not a JSON object of strings\n']);
  });
});

describe('holdfast list, delete, restore, destroy and role', () => {
  it('list follows the pages, asks for all of the labels, and sorts what comes', async () => {
    const target = `${API}/secrets?limit=1000&prefix=app&recursive=true&label=tier%3Dweb%2Czone%3Da`;
    answers[`GET ${target}`] = { status: 200, body: { items: [{ path: 'app/b' }], nextCursor: 'c1' } };
    answers[`GET ${target}&cursor=c1`] = { status: 200, body: { items: [{ path: 'app/a' }] } };
    const { out } = await holdfast(['list', 'app', '-r', '--label', 'tier=web', '--label', 'zone=a']);
    expect(JSON.parse(out.toString())).toEqual({ items: [{ path: 'app/a' }, { path: 'app/b' }] });
  });

  it('name the versions that they mean', async () => {
    answers[`DELETE ${API}/secrets/app/db?version=2`] = { status: 204 };
    answers[`POST ${API}/secrets/app/db:restore`] = { status: 204 };
    answers[`POST ${API}/secrets/app/db:destroy`] = { status: 204 };
    const codes = [
      await holdfast(['delete', 'app/db', '--version', '2']),
      await holdfast(['restore', 'app/db']),
      await holdfast(['destroy', 'app/db', '--version', '1', '--version', '2']),
    ];
    expect(codes.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(asked.map(({ body }) => body)).toEqual([undefined, {}, { versions: [1, 2] }]);
  });

  it('role apply sends each role of a file as JSON', async () => {
    answers[`POST ${API}/roles:apply`] = { status: 200, body: { items: [{ role: 'a', version: 1, change: 'created', escalates: true }] } };
    const yaml = 'role: a\nrules:\n  - allow: [secret:read]\n    on: app/**\n    until: 2027-01-31T00:00:00Z\nbind: [operator:x]\n';
    expect((await holdfast(['role', 'apply', '-f', '-'], { input: yaml })).code).toBe(0);
    const rules = [{ allow: ['secret:read'], on: 'app/**', until: '2027-01-31T00:00:00Z' }];
    expect(asked[0]?.body).toEqual({ roles: [{ role: 'a', rules, bind: ['operator:x'] }] });
  });

  it.each(['role: !!js/function "x"', 'role: a\nrole: b', 'a: &x [1]\nrole: *x', '[]', ''])('role apply refuses %j', async (input) => {
    expect((await holdfast(['role', 'apply', '-f', '-'], { input })).code).toBe(1);
    expect(asked).toEqual([]);
  });
});

describe('holdfast login', () => {
  it('keeps the session for this person only, and logout forgets it', async () => {
    answers[`POST ${API}/session`] = { status: 201, body: { token: 'hfs_1', idleExpiresAt: 'x', expiresAt: 'y' } };
    answers[`DELETE ${API}/session`] = { status: 204 };
    answers[`GET ${API}/secrets/app/db`] = secret({});
    expect((await holdfast(['login', 'alice'], { env: {}, input: 'a long password\n' })).code).toBe(0);
    expect(asked[0]?.body).toEqual({ name: 'alice', password: 'a long password' });
    expect(statSync(at('state/holdfast/sessions.json')).mode & 0o777).toBe(0o600);
    expect((await holdfast(['get', 'app/db'], { env: {} })).code).toBe(0);
    expect(asked[1]?.headers.authorization).toBe('Bearer hfs_1');
    expect((await holdfast(['logout'], { env: {} })).code).toBe(0);
    expect(readFileSync(at('state/holdfast/sessions.json'), 'utf8')).toBe('{}');
    expect((await holdfast(['get', 'app/db'], { env: {} })).code).toBe(2);
    expect((await holdfast(['logout'], { env: {} })).code).toBe(0);
  });
});

describe('a session that can not be kept', () => {
  it('says why, and repeats neither the token nor the place', async () => {
    answers[`POST ${API}/session`] = { status: 201, body: { token: 'hfs_CANARY', idleExpiresAt: 'x', expiresAt: 'y' } };
    answers[`DELETE ${API}/session`] = { status: 204 };
    writeFileSync(at('no-directory'), '');
    const env = { XDG_STATE_HOME: at('no-directory') };
    const { code, err } = await holdfast(['login', 'alice'], { env, input: 'a long password\n' });
    expect([code, err]).toEqual([1, 'holdfast: error: a directory can not be made: ENOTDIR\n']);
    mkdirSync(at('taken/holdfast/sessions.json'), { recursive: true });
    const taken = await holdfast(['login', 'alice'], { env: { XDG_STATE_HOME: at('taken') }, input: 'a long password\n' });
    expect([taken.code, taken.err]).toEqual([1, 'holdfast: error: a file can not be written: EISDIR\n']);
  });
});

describe('holdfast operator set-password', () => {
  it('shows the one-time token as its credential, and the password in the body', async () => {
    answers[`PUT ${API}/operators/alice`] = { status: 204 };
    writeFileSync(at('operator.token'), 'hfo_1\n');
    writeFileSync(at('alice.password'), 'a long password\n');
    const args = ['operator', 'set-password', 'alice', '--password-file', at('alice.password')];
    for (const token of [
      ['--token', 'hfo_1'],
      ['--token-file', at('operator.token')],
    ]) {
      expect((await holdfast([...args, ...token], { env: { HOLDFAST_TOKEN: 'hfs_1' } })).code).toBe(0);
    }
    expect(asked.map(({ headers, body }) => [headers.authorization, body])).toEqual([
      ['Bearer hfo_1', { password: 'a long password' }],
      ['Bearer hfo_1', { password: 'a long password' }],
    ]);
    expect((await holdfast(args, { env: {} })).code).toBe(2);
  });
});

describe('holdfast provider', () => {
  it('sends a provider under its name, with the secret of a file', async () => {
    const stored = { name: 'corp', issuer: 'https://login.acme.example', hasClientSecret: true };
    answers[`PUT ${API}/providers/corp`] = { status: 200, body: stored };
    writeFileSync(at('provider.yaml'), 'provider: corp\nissuer: https://login.acme.example\nclientId: holdfast\n');
    writeFileSync(at('client.secret'), 'CANARY\n');
    const { code, out } = await holdfast(['provider', 'apply', '-f', at('provider.yaml'), '--client-secret-file', at('client.secret')]);
    expect([code, JSON.parse(out.toString())]).toEqual([0, { items: [stored] }]);
    expect(asked[0]?.body).toEqual({ issuer: 'https://login.acme.example', clientId: 'holdfast', clientSecret: 'CANARY' });
  });

  it.each(['- a', 'issuer: x', 'provider: [corp]', 'a: &x 1\nb: *x', '!!js/function x'])('takes no file that says %j', async (text) => {
    writeFileSync(at('provider.yaml'), text);
    expect((await holdfast(['provider', 'apply', '-f', at('provider.yaml')])).code).toBe(1);
    expect(asked).toEqual([]);
  });
});

describe('a name', () => {
  it('may hold an @, as operators of a provider have it', async () => {
    answers[`PUT ${API}/operators/olga@acme.example`] = { status: 204 };
    writeFileSync(at('olga.password'), 'a long password\n');
    const args = ['operator', 'set-password', 'olga@acme.example', '--token', 'hfo_1', '--password-file', at('olga.password')];
    expect((await holdfast(args)).code).toBe(0);
  });
});

describe('holdfast login --oidc', () => {
  it('opens nothing but https', async () => {
    for (const authorizationUrl of ['http://login.acme.example/', 'javascript:alert(1)', 'file:///etc/passwd', '--help', '']) {
      answers[`POST ${API}/oidc/corp:start`] = { status: 201, body: { authorizationUrl, flow: 'hff_CANARY', expiresAt: '' } };
      const { code, err } = await holdfast(['login', '--oidc', 'corp'], { env: {} });
      expect([code, err]).toEqual([1, 'holdfast: error: the server sends the browser to something else than https\n']);
    }
    expect(asked.map(({ url }) => url)).toEqual(Array.from({ length: 5 }, () => `${API}/oidc/corp:start`));
    expect(asked[0]?.body).toEqual({ redirectUri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/) });
  });
});

describe('holdfast init, unseal and join', () => {
  it('init makes the key file of a file slot and keeps what comes next needs', async () => {
    const body = { fingerprint: 'f', logVerifierKey: 'v', trustBundle: 'pem', operatorToken: 'hfo_1' };
    answers[`POST ${API}/system/init`] = { status: 201, body };
    writeFileSync(at('bootstrap'), 'hfb_1\n');
    const { code, out } = await holdfast(
      ['init', '--bootstrap-token-file', at('bootstrap'), '--key-file', at('slot.key'), '--out', at('init')],
      { env: {} },
    );
    expect([code, JSON.parse(out.toString())]).toEqual([0, body]);
    expect(asked[0]?.body).toEqual({ bootstrapToken: 'hfb_1', slots: [{ kind: 'file' }] });
    expect(Buffer.from(readFileSync(at('slot.key'), 'utf8'), 'base64')).toHaveLength(32);
    expect(statSync(at('slot.key')).mode & 0o777).toBe(0o600);
    const kept = ['ca.pem', 'log.vkey', 'operator.token'].map((name) => readFileSync(at(`init/${name}`), 'utf8'));
    expect(kept).toEqual(['pem', 'v\n', 'hfo_1\n']);
    expect(statSync(at('init/operator.token')).mode & 0o777).toBe(0o600);
  });

  it('init prints what can not be kept, since nothing is answered twice', async () => {
    const body = { fingerprint: 'f', logVerifierKey: 'v', trustBundle: 'pem', operatorToken: 'hfo_1' };
    answers[`POST ${API}/system/init`] = { status: 201, body };
    mkdirSync(at('occupied/operator.token/x'), { recursive: true });
    const args = ['init', '--bootstrap-token-file', at('bootstrap'), '--slot', 'file', '--out', at('occupied')];
    const { code, out, err } = await holdfast(args, { env: {} });
    expect([code, JSON.parse(out.toString())]).toEqual([1, body]);
    expect(err).toContain('a file can not be written');
  });

  it('unseal reads the passphrase from standard input, and a key file raw or as base64', async () => {
    answers[`POST ${API}/system/unseal`] = { status: 200, body: { sealed: false } };
    writeFileSync(at('raw.key'), Buffer.alloc(32, 1));
    writeFileSync(at('text.key'), `${Buffer.alloc(32, 1).toString('base64')}\n`);
    await holdfast(['unseal'], { env: {}, input: 'open sesame\n' });
    await holdfast(['unseal', '--key-file', at('raw.key')], { env: {} });
    await holdfast(['unseal', '--key-file', at('text.key')], { env: {} });
    const key = Buffer.alloc(32, 1).toString('base64');
    expect(asked.map(({ body }) => body)).toEqual([
      { slot: 'passphrase', passphrase: 'open sesame' },
      { slot: 'file', key },
      { slot: 'file', key },
    ]);
    expect((await holdfast(['unseal', '--key-file', at('bootstrap')], { env: {} })).err).toContain('does not hold 32 bytes');
  });

  it('join leaves a key that only this user can read, its certificate and whom to trust', async () => {
    answers[`POST ${API}/certificates`] = { status: 201, body: issued() };
    expect((await holdfast(['join', '--token', 'hfe_1', '--out', at('svid')], { env: {} })).code).toBe(0);
    expect(asked[0]?.body).toEqual({ token: 'hfe_1', csr: expect.stringContaining('BEGIN CERTIFICATE REQUEST') });
    expect(['cert.pem', 'ca.pem'].map((name) => readFileSync(at(`svid/${name}`), 'utf8'))).toEqual([issued().chain, 'bundle']);
    expect(readFileSync(at('svid/key.pem'), 'utf8')).toContain('BEGIN PRIVATE KEY');
    expect(statSync(at('svid/key.pem')).mode & 0o777).toBe(0o600);
    expect(
      readdirSync(at('svid'))
        .filter((name) => !name.startsWith('..'))
        .toSorted(),
    ).toEqual(['ca.pem', 'cert.pem', 'key.pem']);
  });

  it('join asks with the same key until there is an answer, and leaves what is there as it is', async () => {
    const join = (): Promise<Finished> => holdfast(['join', '--token', 'hfe_2', '--out', at('again')], { env: {} });
    mkdirSync(at('again'));
    for (const name of ['key.pem', 'cert.pem']) writeFileSync(at(`again/${name}`), 'old');
    answers[`POST ${API}/certificates`] = problem(503, 'storage_unavailable');
    expect((await join()).code).toBe(5);
    expect((await join()).code).toBe(5);
    expect(['key.pem', 'cert.pem'].map((name) => readFileSync(at(`again/${name}`), 'utf8'))).toEqual(['old', 'old']);
    expect(statSync(at('again/key.pem.next')).mode & 0o777).toBe(0o600);
    answers[`POST ${API}/certificates`] = { status: 201, body: issued() };
    expect((await join()).code).toBe(0);
    expect((await join()).code).toBe(0);
    const [first, second, third, fourth] = asked.map(keyOfRequest);
    expect([second, third]).toEqual([first, first]);
    expect(fourth).not.toBe(first);
  });

  it('join --watch says what it lacks where nobody has joined', async () => {
    const { code, err } = await holdfast(['join', '--watch', '--out', at('nobody')], { env: {} });
    expect(code).toBe(1);
    expect(err).toContain('the first one needs --token-file, --jwt-file or --kubernetes');
  });

  it('join asks with the JWT of a file, as it is now, and with one proof only', async () => {
    answers[`POST ${API}/certificates`] = { status: 201, body: issued() };
    writeFileSync(at('jwt'), 'a.b.c\n');
    expect((await holdfast(['join', '--jwt-file', at('jwt'), '--out', at('pod')], { env: {} })).code).toBe(0);
    writeFileSync(at('jwt'), 'd.e.f');
    expect((await holdfast(['join', '--jwt-file', at('jwt'), '--out', at('pod')], { env: {} })).code).toBe(0);
    expect(asked.map(({ body }) => body)).toMatchObject([{ jwt: 'a.b.c' }, { jwt: 'd.e.f' }]);
    expect(asked[0]?.body).not.toHaveProperty('token');
    expect((await holdfast(['join', '--jwt-file', at('jwt'), '--kubernetes', '--out', at('pod')], { env: {} })).code).toBe(2);
    expect((await holdfast(['join', '--kubernetes', '--out', at('pod')], { env: {} })).err).toContain(
      'the file of the JWT can not be read',
    );
  });

  const issued = (): { chain: string; trustBundle: string; notAfter: string } => ({
    chain: readFileSync(at('cert.pem'), 'utf8'),
    trustBundle: 'bundle',
    notAfter: 'then',
  });

  /** The public key in a certificate request. */
  function keyOfRequest({ body }: Asked): string {
    const { csr } = Object(body);
    return Buffer.from(new Pkcs10CertificateRequest(String(csr)).publicKey.rawData).toString('hex');
  }
});

describe('holdfast issuer', () => {
  const env = { HOLDFAST_TOKEN: 'hfs_1' };
  const stored = { issuer: 'ci', kind: 'jwt', url: 'https://ci.example', audiences: ['holdfast'], jwks: { keys: [] }, rules: [] };

  it('applies each issuer of a file, with the keys of another where one is named', async () => {
    answers[`PUT ${API}/issuers/ci`] = { status: 200, body: { ...stored, version: 2 } };
    writeFileSync(at('issuers.yaml'), 'issuer: ci\nkind: jwt\n---\nissuer: ci\njwks: { keys: [] }\n');
    writeFileSync(at('jwks.json'), '{"keys":[{"kty":"EC"}]}');
    const { code, out } = await holdfast(['issuer', 'apply', '-f', at('issuers.yaml'), '--jwks', at('jwks.json')], { env });
    expect(code).toBe(0);
    expect(JSON.parse(out.toString()).items).toHaveLength(2);
    const jwks = { keys: [{ kty: 'EC' }] };
    expect(asked.map(({ body }) => body)).toEqual([{ issuer: 'ci', kind: 'jwt', jwks }, { issuer: 'ci', jwks }]); // prettier-ignore
    expect((await holdfast(['issuer', 'apply', '-f', at('issuers.yaml'), '--jwks', at('issuers.yaml')], { env })).err).toContain(
      'is not JSON',
    );
  });

  it('lists, shows and removes', async () => {
    answers[`GET ${API}/issuers`] = { status: 200, body: { items: [stored] } };
    answers[`GET ${API}/issuers/ci`] = { status: 200, body: stored };
    answers[`DELETE ${API}/issuers/ci`] = { status: 204 };
    expect(JSON.parse((await holdfast(['issuer', 'list'], { env })).out.toString())).toMatchObject({ items: [{ issuer: 'ci' }] });
    expect(JSON.parse((await holdfast(['issuer', 'get', 'ci'], { env })).out.toString())).toEqual(stored);
    expect((await holdfast(['issuer', 'remove', 'ci'], { env })).code).toBe(0);
    expect((await holdfast(['issuer', 'remove', 'a/b'], { env })).code).toBe(2);
  });
});

describe('holdfast run', () => {
  const workload = (): Record<string, string> => ({ HOLDFAST_CERT: at('cert.pem'), HOLDFAST_KEY: at('key.pem'), KEPT: '1' });
  const bundle = (...items: object[]): Answer => ({ status: 200, body: { items } });
  const item = (path: string, data: Record<string, string>, more: object = {}): object => ({
    path,
    status: 200,
    version: 1,
    data,
    ...more,
  });

  it('hands secrets over in the environment, and keeps its own means', async () => {
    answers[`POST ${API}/bundle`] = bundle(item('app/db', { password: 'p w' }), item('app/api-key', { value: 'k' }));
    const { code, out } = await holdfast(['run', '--', 'env'], { env: workload() });
    const variables = Object.fromEntries(out.toString().trim().split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])); // prettier-ignore
    expect(code).toBe(0);
    expect(variables).toMatchObject({ DB_PASSWORD: 'p w', API_KEY: 'k', KEPT: '1' });
    expect(Object.keys(variables).filter((name) => name.startsWith('HOLDFAST_'))).toEqual([]);
    expect(asked[0]?.body).toEqual({});
  });

  it('hands over only what is mapped or named, where something is', async () => {
    answers[`POST ${API}/bundle`] = bundle(item('app/db', { password: 'p', user: 'u' }), item('app/x', { value: 'y' }));
    const { out } = await holdfast(
      ['run', '--map', 'PGPASSWORD=app/db#password', '--path', 'app/x', '--', 'sh', '-c', 'echo "$PGPASSWORD,$X,$DB_USER"'],
      { env: workload() },
    );
    expect(out.toString()).toBe('p,y,\n');
    expect(asked[0]?.body).toEqual({ paths: ['app/db', 'app/x'] });
  });

  it('refuses a variable that would change how programs run, unless it is mapped', async () => {
    answers[`POST ${API}/bundle`] = bundle(item('app/ld', { preload: '/tmp/x.so' }), item('app/node', { options: '--inspect' }));
    const { code, err, out } = await holdfast(['run', '--', 'echo', 'started'], { env: workload() });
    expect([code, out.toString()]).toEqual([1, '']);
    expect(err).toContain('dangerous_name');
    const mapped = await holdfast(['run', '--map', 'NODE_OPTIONS=app/node#options', '--', 'sh', '-c', 'echo "$NODE_OPTIONS"'], {
      env: workload(),
    });
    expect(mapped.out.toString()).toBe('--inspect\n');
  });

  it('does not start the command where one secret is missing', async () => {
    answers[`POST ${API}/bundle`] = bundle(item('app/db', { a: '1' }), { path: 'app/x', status: 403, code: 'denied' });
    const { code, err, out } = await holdfast(['run', '--path', 'app/db', '--path', 'app/x', '--', 'echo', 'started'], { env: workload() });
    expect([code, err, out.toString()]).toEqual([3, 'holdfast: error: app/x: denied\n', '']);
  });

  it('becomes the command: its exit code, its signals, and none of ours ignored', async () => {
    answers[`POST ${API}/bundle`] = bundle();
    expect((await holdfast(['run', '--', 'sh', '-c', 'exit 17'], { env: workload() })).code).toBe(17);
    const killed = await holdfast(['run', '--', 'sh', '-c', 'echo ready; exec sleep 60'], { env: workload(), kill: 'SIGTERM' });
    expect(killed.signal).toBe('SIGTERM');
    const ignored = await holdfast(['run', '--', 'grep', 'SigIgn', '/proc/self/status'], { env: workload() });
    expect(ignored.out.toString()).toMatch(/^SigIgn:\s0+$/m);
  });

  it('asks for nothing where there is no such command', async () => {
    writeFileSync(at('not-executable'), '');
    const codes = ['no-such-command', './no-such-command', at('not-executable')].map((command) =>
      holdfast(['run', '--', command], { env: workload() }).then(({ code }) => code),
    );
    expect(await Promise.all(codes)).toEqual([127, 127, 126]);
    expect(asked).toEqual([]);
  });

  it('writes files, 0400, and says so where they reach a disk', async () => {
    const bytes = randomBytes(64);
    answers[`POST ${API}/bundle`] = bundle(
      item('app/tls', { 'tls.key': bytes.toString('base64') }, { binary: ['tls.key'] }),
      item('app/db', { password: 'p\0q' }),
    );
    const command = ['run', '--files', at('files'), '--map', 'pw=app/db#password', '--path', 'app/tls', '--', 'cat', at('files/pw')];
    const { code, out } = await holdfast(command, { env: workload() });
    expect([code, out.toString()]).toEqual([0, 'p\0q']);
    expect(readFileSync(at('files/app/tls/tls.key'))).toEqual(bytes);
    expect(statSync(at('files/app/tls/tls.key')).mode & 0o777).toBe(0o400);
    expect((await holdfast(command, { env: workload() })).code).toBe(0);
  });

  it('names the directory of the files to the command', async () => {
    answers[`POST ${API}/bundle`] = bundle(item('app/db', { password: 'p' }));
    const command = [
      'run',
      '--files',
      'named',
      '--map',
      'pw=app/db#password',
      '--',
      'sh',
      '-c',
      'echo "$HOLDFAST_FILES $(cat "$HOLDFAST_FILES/pw")"',
    ];
    expect((await holdfast(command, { env: workload(), cwd: directory })).out.toString()).toBe(`${at('named')} p\n`);
  });

  it.skipIf(!existsSync('/dev/shm')).each([
    ['at the end', ['--map', 'pw=app/db#password', '--files']],
    ['before an option', ['--files', '--map', 'pw=app/db#password']],
  ])('finds a directory in memory for the files where none is named, %s', async (_where, options) => {
    answers[`POST ${API}/bundle`] = bundle(item('app/db', { password: 'p' }));
    const script = 'stat -f -c %T "$HOLDFAST_FILES"; stat -c %a "$HOLDFAST_FILES"; cat "$HOLDFAST_FILES/pw"; rm -r "$HOLDFAST_FILES"';
    const { code, out, err } = await holdfast(['run', ...options, '--', 'sh', '-c', script], { env: workload() });
    expect([code, err, out.toString()]).toEqual([0, '', 'tmpfs\n700\np']);
  });

  it.each([
    ['../../escape', 'x'],
    ['app/x', '..'],
    ['/etc', 'x'],
  ])('writes nothing outside the directory for the path %s and the field %s', async (path, field) => {
    answers[`POST ${API}/bundle`] = bundle(item(path, { [field]: 'x' }));
    expect((await holdfast(['run', '--files', at('inside'), '--', 'true'], { env: workload() })).code).toBe(1);
    expect(existsSync(at('escape'))).toBe(false);
  });

  it('follows no link out of the directory', async () => {
    mkdirSync(at('outside'), { recursive: true });
    mkdirSync(at('linked'), { recursive: true });
    symlinkSync(at('outside'), at('linked/app'));
    answers[`POST ${API}/bundle`] = bundle(item('app/db', { a: '1' }));
    expect((await holdfast(['run', '--files', at('linked'), '--', 'true'], { env: workload() })).code).toBe(1);
    expect(existsSync(at('outside/db'))).toBe(false);
  });
});

describe('holdfast audit', () => {
  it('export writes what comes, as it comes', async () => {
    answers[`GET ${API}/audit/entries?format=ndjson`] = { status: 200, body: '{"a":1}\n{"b":2}\n' };
    expect((await holdfast(['audit', 'export'])).out.toString()).toBe('{"a":1}\n{"b":2}\n');
    expect((await holdfast(['audit', 'export', '--out', at('log.ndjson')])).code).toBe(0);
    expect(readFileSync(at('log.ndjson'), 'utf8')).toBe('{"a":1}\n{"b":2}\n');
    const unwritable = await holdfast(['audit', 'export', '--out', at('nowhere/log.ndjson')]);
    expect([unwritable.code, unwritable.err]).toEqual([1, 'holdfast: error: the export can not be written: ENOENT\n']);
  });

  it('verify refuses what is no export', async () => {
    writeFileSync(at('no.ndjson'), 'nonsense\n');
    const { code, err } = await holdfast(['audit', 'verify', at('no.ndjson')], { env: {} });
    expect(code).toBe(1);
    expect(err).toContain('malformed_export');
    expect((await holdfast(['audit', 'verify', at('nowhere')], { env: {} })).err).toBe(
      'holdfast: error: the export can not be read: ENOENT\n',
    );
    const noCheckpoint = await holdfast(['audit', 'verify', at('no.ndjson'), '--checkpoint', at('nowhere')], { env: {} });
    expect(noCheckpoint.err).toBe('holdfast: error: the checkpoint can not be read: ENOENT\n');
    expect((await holdfast(['audit', 'verify', at('no.ndjson'), '--key', at('nowhere')], { env: {} })).err).toContain('log.vkey');
  });
});

describe('bin/holdfast', () => {
  it('finds itself through links', () => {
    const link = at('holdfast');
    symlinkSync(at('bin/holdfast'), at('link'));
    symlinkSync('link', link);
    expect(execFileSync(link, ['--help'], { env: {}, encoding: 'utf8' })).toContain('holdfast:');
  });

  it('says what is missing where there is no Node', () => {
    mkdirSync(at('bare/bin'), { recursive: true });
    writeFileSync(at('bare/bin/holdfast'), readFileSync(join(root, 'bin/holdfast')));
    chmodSync(at('bare/bin/holdfast'), 0o755);
    expect(() => execFileSync(at('bare/bin/holdfast'), ['status'], { env: { PATH: at('bare') }, stdio: 'pipe' })).toThrow(
      /there is no Node/,
    );
  });
});
