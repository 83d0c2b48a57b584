import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import Database from 'better-sqlite3-multiple-ciphers';
import { resolve, ROUTES, type RouteName } from '#contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf } from '../support/authenticator.ts';
import { type Canary, findCanaries, type Source } from '../support/canary-scanner.ts';
import { makeRequest, TestAuthority } from '../support/certificates.ts';
import { revocationList } from '../support/revocation-lists.ts';
import { FakeIssuer } from '../support/fake-issuer.ts';
import { clusterDefinition, podClaims, TokenIssuer } from '../support/token-issuer.ts';
import { ServerProcess, somePorts } from '../support/server-process.ts';
import { type Credential, WireClient } from '../support/wire-client.ts';

/** What only who is allowed to may see, wherever it has been on the way. */
const SECRET = {
  passphrase: canary('a passphrase'),
  'wrong passphrase': canary('a wrong passphrase'),
  password: canary('a password'),
  'wrong password': canary('a wrong password'),
  'other password': canary('another password'),
  'password in the name field': canary('Not A Name!'),
  value: canary('a value'),
  'newer value': canary('a newer value'),
  'patched value': canary('a patched value'),
  'binary value': canary('bytes'),
  'value that was refused': canary('a refused value'),
  'wrong bootstrap token': `hfb_${randomBytes(32).toString('base64url')}`,
  'wrong enrolment token': `hfe_${randomBytes(32).toString('base64url')}`,
  'wrong operator token': `hfo_${randomBytes(32).toString('base64url')}`,
  'wrong session token': `hfs_${randomBytes(32).toString('base64url')}`,
  'wrong key': randomBytes(32).toString('base64'),
  'client secret': canary('a client secret'),
  'value in a header': canary('a header').replaceAll(/[^ -~]/g, ''),
  'value in a query': canary('a query'),
} as const;

/** What the database must not learn, and the log keeps sealed. */
const NAME = {
  namespace: name('namespace'),
  secret: name('secret'),
  field: name('field'),
  label: name('label'),
  'label value': name('label-value'),
  role: name('role'),
  operator: name('operator'),
  workload: name('workload'),
} as const;

const API = '/api/v1';
const TRUST_DOMAIN = 'acme.internal';
const PATH = `${NAME.namespace}/${NAME.secret}`;
const READER = `spiffe://${TRUST_DOMAIN}/${NAME.workload}`;

/** Everything that one server left behind in the course of a day, at moments at which it holds different things. */
const day = {
  directory: mkdtempSync(join(tmpdir(), 'holdfast-')),
  sources: [] as Source[],
  export: '',
  /** Tokens that were handed out. */
  tokens: [] as Canary[],
  succeeded: new Set<RouteName>(),
  failed: new Set<RouteName>(),
};

beforeAll(async () => {
  const keyFile = join(day.directory, 'unseal.key');
  writeFileSync(keyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  day.tokens.push({ label: 'key file', text: readFileSync(keyFile, 'utf8') });
  const settings = { trustDomain: TRUST_DOMAIN, log: { level: 'debug' }, unseal: { file: keyFile } };
  const server = await ServerProcess.prepare(day.directory, settings, await somePorts());
  try {
    await server.start();
    await spend(new Visit(server));
  } finally {
    await server.stop();
  }
  leave('the stopped server', filesOf(server.dataDir));
  leave('everything it printed', [{ name: 'log', bytes: readFileSync(server.logFile) }]);
});

afterAll(() => rmSync(day.directory, { recursive: true }));

describe('the scan', () => {
  const text = canary('planted');

  it.each([
    ['as it is', text],
    ['in JSON', JSON.stringify({ text })],
    ['in UTF-16', Buffer.from(text, 'utf16le')],
    ['in hex', Buffer.from(text).toString('hex')],
    ['in base64', Buffer.from(text).toString('base64')],
    ['in base64 behind one byte', Buffer.from(`x${text}`).toString('base64')],
    ['in base64 between others', Buffer.from(`xy${text}z`).toString('base64')],
    ['in base64url', Buffer.from(text).toString('base64url')],
    ['in a URL', encodeURIComponent(text)],
  ])('finds a canary %s', (_how, form) => {
    const bytes = Buffer.concat([randomBytes(999), Buffer.from(form), randomBytes(999)]);
    expect(findCanaries([{ label: 'it', text }], [{ name: 'there', bytes }])).not.toEqual([]);
  });

  it('finds a canary in a database that is not encrypted, and in its log', () => {
    const file = join(day.directory, 'plain.db');
    const handle = new Database(file);
    handle.pragma('journal_mode = WAL');
    handle.exec('CREATE TABLE record (sealed BLOB)');
    handle.prepare('INSERT INTO record VALUES (?)').run(Buffer.from(text));
    const log = { name: 'wal', bytes: readFileSync(`${file}-wal`) };
    handle.close();
    const database = { name: 'db', bytes: readFileSync(file) };
    expect(findCanaries([{ label: 'it', text }], [log, database])).toEqual(['it in wal (plain)', 'it in db (plain)']);
  });

  it('finds names where they belong: in the exported log', () => {
    const found = findCanaries(canariesOf(NAME), [{ name: 'export', bytes: Buffer.from(day.export) }]);
    expect(found).toEqual(
      expect.arrayContaining(['namespace', 'secret', 'role', 'operator', 'workload'].map((label) => `${label} in export (plain)`)),
    );
  });
});

describe('a day of a server', () => {
  it('leads over every route, and past every route', () => {
    const routes = Object.keys(ROUTES);
    expect([...day.succeeded].toSorted()).toEqual(routes.toSorted());
    expect([...day.failed].toSorted()).toEqual(routes.toSorted());
  });

  it('leaves something to look at', () => {
    const names = day.sources.map((source) => source.name);
    expect(names).toEqual(
      expect.arrayContaining([
        'the sealed server: slots.json',
        'the sealed server: unseal-journal.ndjson',
        'the running server: holdfast.db',
        'the running server: holdfast.db-wal',
        'the running server: holdfast.db-shm',
        'the running server: cmdline',
        'the running server: environ',
        'the running server: metrics',
        'the stopped server: holdfast.db',
        'everything it printed: log',
      ]),
    );
    expect(day.sources.filter((source) => source.name.startsWith('a refusal')).length).toBeGreaterThan(2 * Object.keys(ROUTES).length);
    expect(day.sources.every(({ name: where, bytes }) => bytes.length > 0 || where.endsWith('holdfast.lock'))).toBe(true);
    expect(day.tokens.map((token) => token.label)).toEqual(
      expect.arrayContaining(['bootstrap token', 'operator token', 'session token', 'enrolment token']),
    );
  });

  it('leaves no value, password, passphrase, key or token anywhere, not even in the exported log', () => {
    const everywhere = [...day.sources, { name: 'export', bytes: Buffer.from(day.export) }];
    expect(findCanaries([...canariesOf(SECRET), ...day.tokens], everywhere)).toEqual([]);
  });

  it('leaves no name of a secret, label, role, operator or workload anywhere but in the exported log', () => {
    expect(findCanaries(canariesOf(NAME), day.sources)).toEqual([]);
  });
});

/** One client after the other of a server, and what they are refused with. */
class Visit {
  readonly server: ServerProcess;

  constructor(server: ServerProcess) {
    this.server = server;
  }

  operator(credential: Credential = {}): WireClient {
    return new WireClient(this.server.ports.operator, this.file('tls/ca.crt'), credential);
  }

  workload(credential: Credential = {}): WireClient {
    return new WireClient(this.server.ports.workload, this.file('tls/ca.crt'), credential);
  }

  file(path: string): string {
    return readFileSync(join(this.server.dataDir, path), 'utf8');
  }

  /** What must work; returns the answer, parsed where it is JSON. */
  async may<T>(client: WireClient, method: string, path: string, sent?: object): Promise<T> {
    const { status, headers, body } = await client.send(method, path, sent);
    if (status > 299) throw new Error(`${method} ${path}: ${status} ${body}`);
    day.succeeded.add(routeOf(method, path));
    const isJson = headers['content-type']?.startsWith('application/json');
    const answer: T = JSON.parse(isJson ? body : JSON.stringify(body));
    return answer;
  }

  /** What must not, and whose answer must not say more than that. */
  async mayNot(
    client: WireClient,
    method: string,
    path: string,
    ...more: readonly [body?: object, headers?: Record<string, string>]
  ): Promise<void> {
    const { status, body, rawHeaders } = await client.send(method, path, ...more);
    if (status < 400) throw new Error(`${method} ${path}: ${status}`);
    day.failed.add(routeOf(method, path));
    leave('a refusal', [{ name: `${method} ${path}: ${status}`, bytes: Buffer.from(`${rawHeaders.join('\n')}\n${body}`) }]);
  }
}

/** The day: a server is set up, used, misused, looked into, and sealed. */
async function spend(visit: Visit): Promise<void> {
  const operatorToken = await setUp(visit);
  const admin = await signIn(visit, operatorToken);
  const reader = await enrol(visit, admin);
  await use(visit, admin, reader);
  await signInElsewhere(visit, admin);
  await inviteSomebody(visit, admin);
  await joinFromElsewhere(visit, admin);
  await trustElsewhere(visit, admin);
  await misuse(visit, [admin, reader, visit.operator(), visit.operator({ token: SECRET['wrong session token'] })]);
  day.export = await visit.may<string>(admin, 'GET', `${API}/audit/entries`);
  leave('the running server', [...filesOf(visit.server.dataDir), ...processOf(visit.server.pid), await metricsOf(visit.server)]);
  await visit.may(admin, 'POST', `${API}/system/seal`);
}

async function setUp(visit: Visit): Promise<string> {
  const operator = visit.operator();
  const bootstrapToken = learn('bootstrap token', visit.file('bootstrap-token').trim());
  const slots = [{ kind: 'passphrase', passphrase: SECRET.passphrase }, { kind: 'file' }];
  await visit.mayNot(operator, 'POST', `${API}/system/init`, { bootstrapToken: SECRET['wrong bootstrap token'], slots });
  await visit.mayNot(operator, 'GET', `${API}/secrets/${PATH}`);
  const { operatorToken } = await visit.may<{ operatorToken: string }>(operator, 'POST', `${API}/system/init`, { bootstrapToken, slots });

  const visitor = visit.operator();
  await visit.mayNot(visitor, 'POST', `${API}/system/unseal`, { slot: 'passphrase', passphrase: SECRET['wrong passphrase'] });
  await visit.mayNot(visitor, 'POST', `${API}/system/unseal`, { slot: 'file', key: SECRET['wrong key'] });
  await visit.mayNot(visitor, 'PUT', `${API}/secrets/${PATH}`, { data: { value: SECRET['value that was refused'] } });
  leave('the sealed server', filesOf(visit.server.dataDir));
  await visit.may(visitor, 'POST', `${API}/system/unseal`, { slot: 'passphrase', passphrase: SECRET.passphrase });
  return learn('operator token', operatorToken);
}

async function signIn(visit: Visit, operatorToken: string): Promise<WireClient> {
  const visitor = visit.operator();
  const session = `${API}/session`;
  const first = visit.operator({ token: operatorToken });
  const password = { password: SECRET.password };
  await visit.mayNot(visit.operator({ token: SECRET['wrong operator token'] }), 'PUT', `${API}/operators/${NAME.operator}`, password);
  await visit.may(first, 'PUT', `${API}/operators/${NAME.operator}`, password);
  await visit.mayNot(first, 'PUT', `${API}/operators/${NAME.operator}`, password);
  await visit.mayNot(visitor, 'POST', session, { name: NAME.operator, password: SECRET['wrong password'] });
  await visit.mayNot(visitor, 'POST', session, { name: SECRET['password in the name field'], password: NAME.operator });
  const { token } = await visit.may<{ token: string }>(visitor, 'POST', session, { name: NAME.operator, password: SECRET.password });
  const other = await visit.may<{ token: string }>(visitor, 'POST', session, { name: NAME.operator, password: SECRET.password });
  await visit.may(visit.operator({ token: learn('ended session token', other.token) }), 'DELETE', session);
  return visit.operator({ token: learn('session token', token) });
}

async function enrol(visit: Visit, admin: WireClient): Promise<WireClient> {
  await visit.may(admin, 'PUT', `${API}/roles/${NAME.role}`, roleFor(`operator:${NAME.operator}`, 'secret:*', `${NAME.namespace}/**`));
  await visit.may(admin, 'PUT', `${API}/roles/auditor`, {
    role: 'auditor',
    rules: [{ allow: ['audit:*'], on: '**' }],
    bind: [`operator:${NAME.operator}`],
  });
  await visit.may(admin, 'PUT', `${API}/roles/reader`, { ...roleFor(READER, 'secret:read', `${NAME.namespace}/**`), role: 'reader' });
  const { token } = await visit.may<{ token: string }>(admin, 'POST', `${API}/enrolments`, { spiffeId: READER });
  const unused = await visit.may<{ token: string }>(admin, 'POST', `${API}/enrolments`, { spiffeId: `${READER}/other` });
  learn('unused enrolment token', unused.token);
  const { csrPem: csr, privateKeyPem: key } = await makeRequest(READER);
  await visit.mayNot(visit.operator(), 'POST', `${API}/certificates`, { csr, token: SECRET['wrong enrolment token'] });
  const { chain: cert } = await visit.may<{ chain: string }>(visit.operator(), 'POST', `${API}/certificates`, {
    csr,
    token: learn('enrolment token', token),
  });
  return visit.workload({ cert, key });
}

async function use(visit: Visit, admin: WireClient, reader: WireClient): Promise<void> {
  const secret = `${API}/secrets/${PATH}`;
  const labels = { [NAME.label]: NAME['label value'] };
  await visit.may(admin, 'PUT', secret, {
    data: { [NAME.field]: SECRET.value, bytes: Buffer.from(SECRET['binary value']).toString('base64') },
    binary: ['bytes'],
    labels,
  });
  await visit.may(admin, 'PUT', secret, { data: { [NAME.field]: SECRET['newer value'] }, labels });
  await visit.may(admin, 'PATCH', secret, { data: { patched: SECRET['patched value'] } });
  await visit.may(reader, 'GET', secret);
  await visit.may(reader, 'POST', `${API}/bundle`, {});
  await visit.may(admin, 'GET', `${API}/secrets?recursive=true&label=${NAME.label}%3D${NAME['label value']}`);
  await visit.may(admin, 'GET', `${secret}:versions`);
  await visit.may(admin, 'DELETE', secret);
  await visit.may(admin, 'POST', `${secret}:restore`, {});
  await visit.may(admin, 'POST', `${secret}:destroy`, { versions: [1] });
  await visit.may(admin, 'GET', `${API}/roles`);
  await visit.may(admin, 'GET', `${API}/roles/${NAME.role}`);
  await visit.may(admin, 'GET', `${API}/roles/${NAME.role}:versions`);
  await visit.may(admin, 'GET', `${API}/roles/${NAME.role}:diff`);
  await askForApprovals(visit, admin, reader);
  await visit.may(admin, 'POST', `${API}/roles:apply`, { roles: [{ role: 'spare', rules: [], bind: [] }], reason: NAME.label });
  await visit.may(admin, 'DELETE', `${API}/roles/spare`);
  await visit.may(admin, 'POST', `${API}/authz:explain`, { caller: READER, action: 'secret:read', resource: `${NAME.namespace}/db` });
  await visit.may(admin, 'POST', `${API}/authz:simulate`, { deleted: 'reader', cursor: 'secrets' });
  await visit.may(admin, 'POST', `${API}/authz:suggest`, { caller: READER, since: '2026-01-01T00:00:00Z' });
  await visit.may(admin, 'POST', `${API}/authz:who-can`, { action: 'secret:read', resource: `${NAME.namespace}/db` });
  await visit.may(admin, 'POST', `${API}/revocations`, { spiffeId: `${READER}/other` });
  await visit.may(admin, 'GET', `${API}/audit/checkpoint`);
  for (const path of [`${API}/system/status`, `${API}/openapi.json`, '/api/docs']) await visit.may(admin, 'GET', path);
}

/** Somebody signs in at an OpenID provider, and the provider goes. */
async function signInElsewhere(visit: Visit, admin: WireClient): Promise<void> {
  await using issuer = await FakeIssuer.start();
  const provider = `${API}/providers/corp`;
  await visit.may(admin, 'PUT', provider, issuer.settings({ clientSecret: SECRET['client secret'], operator: '{preferred_username}' }));
  await visit.may(admin, 'GET', provider);
  await visit.may(admin, 'GET', `${API}/providers`);
  const visitor = visit.operator();
  const redirectUri = 'http://127.0.0.1:4711/callback';
  const begun = await visit.may<{ flow: string; authorizationUrl: string }>(visitor, 'POST', `${API}/oidc/corp:start`, { redirectUri });
  const flow = learn('flow token', begun.flow);
  const { code, state, iss } = issuer.answerTo(begun.authorizationUrl, { claims: { preferred_username: `${NAME.operator}-olga` } });
  learn('authorization code', code);
  const { token } = await visit.may<{ token: string }>(visitor, 'POST', `${API}/oidc/corp:finish`, { flow, code, state, iss });
  learn('session token of a provider', token);
  await visit.may(admin, 'DELETE', provider);
}

/** Another trust domain is trusted, with a list of what it revoked, and then no longer; a revocation is lifted. */
async function trustElsewhere(visit: Visit, admin: WireClient): Promise<void> {
  const partner = `${API}/trust-bundles/partner.example`;
  const root = await TestAuthority.root('partner');
  await visit.may(admin, 'PUT', partner, { pem: root.pem });
  await visit.may(admin, 'PUT', `${partner}:crl`, { crls: [await revocationList(root)] });
  for (const path of [`${API}/trust-bundles`, partner, `${API}/revocations`]) await visit.may(admin, 'GET', path);
  await visit.may(admin, 'DELETE', partner);
  await visit.may(visit.operator(), 'GET', `${API}/spiffe-bundle`);
  await visit.may(admin, 'POST', `${API}/revocations:lift`, { spiffeId: `${READER}/other` });
}

/** Somebody is invited, gets a second factor, loses everything and goes. */
async function inviteSomebody(visit: Visit, admin: WireClient): Promise<void> {
  const [name, password] = [`${NAME.operator}-bob`, SECRET.password];
  const account = `${API}/operators/${name}`;
  const signedIn = async (proof: object): Promise<WireClient> => {
    const { token } = await visit.may<{ token: string }>(visit.operator(), 'POST', `${API}/session`, { name, ...proof });
    return visit.operator({ token: learn('session token of another', token) });
  };
  const { token } = await visit.may<{ token: string }>(admin, 'POST', `${API}/operators`, { name, groups: ['group'] });
  await visit.may(visit.operator({ token: learn('invitation', token) }), 'PUT', account, { password });
  const bob = await signedIn({ password });
  await visit.may(bob, 'PUT', `${API}/password`, { current: password, password: SECRET['other password'] });
  const proof = { password: SECRET['other password'] };
  const { uri } = await visit.may<{ uri: string }>(bob, 'POST', `${API}/totp`, proof);
  learn('secret of a second factor', new URL(uri).searchParams.get('secret') ?? '');
  const confirmation = { totp: codeOf(uri, new Date()) };
  const { recoveryCodes } = await visit.may<{ recoveryCodes: string[] }>(bob, 'POST', `${API}/totp:confirm`, confirmation);
  const [first = '', second = ''] = recoveryCodes.map((code) => learn('recovery code', code));
  await visit.mayNot(visit.operator(), 'POST', `${API}/session`, { name, ...proof });
  const again = await signedIn({ ...proof, totp: first });
  await visit.may(again, 'POST', `${API}/totp:remove`, { ...proof, totp: second });
  await visit.may(again, 'POST', `${API}/totp`, proof);
  for (const path of [`${API}/operators`, account, `${account}:sessions`]) await visit.may(admin, 'GET', path);
  await visit.may(admin, 'DELETE', `${account}:sessions`);
  await visit.may(admin, 'POST', `${account}:reset-totp`, {});
  const reset = await visit.may<{ token: string }>(admin, 'POST', `${account}:reset-password`, {});
  learn('second invitation', reset.token);
  await visit.may(admin, 'PATCH', account, { disabled: true });
  await visit.may(admin, 'DELETE', account);
}

async function askForApprovals(visit: Visit, admin: WireClient, reader: WireClient): Promise<void> {
  const put = (role: string, rule: object, bind: string) =>
    visit.may(admin, 'PUT', `${API}/roles/${role}`, { role, rules: [rule], bind: [bind] });
  const asking = (name: string): object => ({ action: 'secret:read', resource: `${NAME.namespace}/${name}`, reason: NAME.label });
  const glass = { allow: ['secret:read'], on: `${NAME.namespace}/**`, when: { approved: true } };
  await put('own-glass', glass, `operator:${NAME.operator}`);
  await put('second', { allow: ['approval:*'], on: '**' }, `operator:${NAME.operator}`);
  const own = await visit.may<{ id: string }>(admin, 'POST', `${API}/approvals`, asking('own'));
  await visit.may(admin, 'POST', `${API}/approvals/${own.id}:cancel`, {});

  // Who lets a workload in is no second person: this one is let in by another workload.
  const spiffeId = `${READER}/asker`;
  await put('usher', { allow: ['identity:enrol'], on: `${READER}/**` }, READER);
  const { token } = await visit.may<{ token: string }>(reader, 'POST', `${API}/enrolments`, { spiffeId });
  const { csrPem: csr, privateKeyPem: key } = await makeRequest(spiffeId);
  const { chain: cert } = await visit.may<{ chain: string }>(visit.operator(), 'POST', `${API}/certificates`, { csr, token });
  await put('glass', glass, spiffeId);
  const { id } = await visit.may<{ id: string }>(visit.workload({ cert, key }), 'POST', `${API}/approvals`, asking('theirs'));
  await visit.may(admin, 'GET', `${API}/approvals`);
  await visit.may(admin, 'GET', `${API}/approvals/${id}`);
  await visit.may(admin, 'POST', `${API}/approvals/${id}:approve`, {});
  await visit.may(admin, 'POST', `${API}/approvals/${id}:deny`, { reason: NAME.label });
}

/** A pod joins with its ServiceAccount token, and its cluster goes. */
async function joinFromElsewhere(visit: Visit, admin: WireClient): Promise<void> {
  const cluster = new TokenIssuer();
  const issuer = `${API}/issuers/cluster-a`;
  const claims = podClaims(new Date(), NAME.namespace, NAME.workload);
  await visit.may(admin, 'PUT', issuer, clusterDefinition(cluster));
  await visit.may(admin, 'GET', issuer);
  await visit.may(admin, 'GET', `${API}/issuers`);
  const { csrPem: csr } = await makeRequest('', { names: [] });
  const wrong = learn('JWT that was refused', cluster.token({ ...claims, aud: 'somebody else' }));
  await visit.mayNot(visit.operator(), 'POST', `${API}/certificates`, { csr, jwt: wrong });
  await visit.may(visit.operator(), 'POST', `${API}/certificates`, { csr, jwt: learn('JWT', cluster.token(claims)) });
  await visit.may(admin, 'DELETE', issuer);
}

/** Every route in every way that no client should use it, with something to hide in each place that takes a text. */
async function misuse(visit: Visit, clients: readonly WireClient[]): Promise<void> {
  const headers = {
    'user-agent': SECRET['value in a header'],
    cookie: SECRET['value in a header'],
    'x-forwarded-for': SECRET['value in a header'],
  };
  const query = `?q=${encodeURIComponent(SECRET['value in a query'])}&${NAME.label}=1`;
  const refused = SECRET['value that was refused'];
  const unknown = { data: { [NAME.field]: refused, [refused]: 1 }, [refused]: refused };
  for (const { method, path } of Object.values(ROUTES)) {
    const target = path.replace('{path}', PATH).replace('{name}', NAME.role);
    for (const client of clients) {
      await visit.mayNot(client, method, target + query, undefined, headers);
      await visit.mayNot(client, method, target, method === 'GET' ? Buffer.from(refused) : unknown, headers);
      await visit.mayNot(client, method, `${target}${query}`, Buffer.from(`{"data":{"${NAME.field}":"${refused}`), headers);
    }
  }
}

function roleFor(bind: string, action: string, on: string): object {
  return { role: NAME.role, rules: [{ allow: [action], on }], bind: [bind] };
}

/** Which route a request leads to; the day must have led to each. */
function routeOf(method: string, target: string): RouteName {
  const found = resolve(method, target.replace(/\?.*$/, ''));
  if (!('route' in found)) throw new Error(`${method} ${target} leads nowhere`);
  return found.route;
}

function leave(where: string, sources: readonly Source[]): void {
  day.sources.push(...sources.map(({ name: what, bytes }) => ({ name: `${where}: ${what}`, bytes })));
}

function learn(label: string, text: string): string {
  day.tokens.push({ label, text });
  return text;
}

/** Every file below a data directory. */
function filesOf(dataDir: string): Source[] {
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return { name: relative(dataDir, path), bytes: readFileSync(path) };
  });
}

/** What every process of the machine may see of one. */
function processOf(pid: number): Source[] {
  return ['cmdline', 'environ'].map((what) => ({ name: what, bytes: readFileSync(`/proc/${pid}/${what}`) }));
}

async function metricsOf({ ports }: ServerProcess): Promise<Source> {
  const response = await fetch(`http://127.0.0.1:${ports.probe}/metrics`);
  return { name: 'metrics', bytes: Buffer.from(await response.text()) };
}

function canariesOf(texts: Readonly<Record<string, string>>): Canary[] {
  return Object.entries(texts).map(([label, text]) => ({ label, text }));
}

/** Something unique, with characters that are escaped in one way or another everywhere. */
function canary(what: string): string {
  return `CANARY: ${what}, "é" + 50% & ${randomBytes(6).toString('hex')}`;
}

/** The same for what may only be plain. */
function name(what: string): string {
  return `canary-${what}-${randomBytes(6).toString('hex')}`;
}
