import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ASTRAY, ROUTES, UNPROVEN } from '#contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Workload } from '../support/first-steps.ts';
import { Installation } from '../support/installation.ts';
import { API, PASSWORD, TRUST_DOMAIN } from '../support/loopback.ts';
import type { Answer } from '../support/raw-connection.ts';
import { exchange, message } from './wire.ts';

const SCALE = 0.01;
const WRONG = 'another password of this length';
const LIST = `${API}/secrets?prefix=limits`;

const directory = mkdtempSync(join(tmpdir(), 'holdfast-limits-'));
let installation: Installation;
let api: Workload;
let web: Workload;
let revoked: Workload;
beforeAll(async () => {
  // What makes the scene must not meet the limits that the tests are about.
  installation = await Installation.create(directory);
  const names = ['api', 'web', 'revoked'];
  [api, web, revoked] = (await Promise.all(names.map((name) => installation.enrol(`spiffe://${TRUST_DOMAIN}/limits/${name}`)))) as [
    Workload,
    Workload,
    Workload,
  ];
  await installation.grant('limits', `spiffe://${TRUST_DOMAIN}/limits/*`, { allow: ['secret:*'], on: 'limits/**' });
  await installation.admin().must('POST', `${API}/revocations`, { spiffeId: revoked.spiffeId });
  await installation.stop();
  await installation.start({ settings: { limits: { perCaller: SCALE, perAddress: SCALE } } });
});
afterAll(async () => {
  await installation.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Somebody at an address of loopback of their own. */
class Sender {
  readonly #agent: Agent;
  readonly #port: number;

  constructor(localAddress: string, { workload, port = installation.server.operator.port }: { workload?: Workload; port?: number } = {}) {
    const { cert, key } = workload ?? {};
    this.#agent = new Agent({ keepAlive: true, maxSockets: 8, localAddress, ca: installation.initialized.trustBundle, cert, key });
    this.#port = port;
  }

  send(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Answer> {
    const type = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(body.length) };
    const options = { host: '127.0.0.1', port: this.#port, agent: this.#agent, method, path, headers: { ...type, ...headers } };
    return new Promise((resolve, reject) => {
      const outgoing = request(options, (response) => {
        const head = { status: response.statusCode ?? 0, headers: response.headers as Record<string, string> };
        text(response).then((content) => resolve({ ...head, body: content }), reject);
      });
      outgoing.on('error', reject).end(body);
    });
  }

  /** So many at once: the statuses, and one of the answers that say it was too much. */
  async flood(times: number, ask: (at: number) => Promise<Answer>): Promise<{ readonly statuses: number[]; readonly refused: Answer }> {
    const answers = await Promise.all(Array.from({ length: times }, (_, at) => ask(at)));
    const refused = answers.find(({ status }) => status === 429);
    if (refused === undefined) throw new Error('none of the flood was refused');
    return { statuses: answers.map(({ status }) => status), refused };
  }
}

function count(statuses: readonly number[], status: number): number {
  return statuses.filter((each) => each === status).length;
}

function workload(who: Workload, from = '127.0.0.1'): Sender {
  return new Sender(from, { workload: who, port: installation.server.workload?.port });
}

describe('a flood without a credential', () => {
  it('is answered 429 with the time to wait, and keeps nobody else out', async () => {
    const sender = new Sender('127.0.0.81');
    const { statuses, refused } = await sender.flood(200, () => sender.send('GET', `${API}/secrets/limits/db`));
    const within = UNPROVEN.without.burst * SCALE;
    expect(count(statuses, 401)).toBeGreaterThanOrEqual(within);
    expect(count(statuses, 401)).toBeLessThan(within + 50);
    expect(count(statuses, 401) + count(statuses, 429)).toBe(200);
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'too_many_requests', hint: expect.stringMatching(/^ask again in \d+ s$/) });
    expect(refused.headers).toMatchObject({ 'retry-after': expect.stringMatching(/^[1-9]\d*$/), 'cache-control': 'no-store' });
    expect((await new Sender('127.0.0.82').send('GET', `${API}/system/status`)).status).toBe(200);
    expect((await installation.operator().send('GET', `${API}/system/status`)).status).toBe(200);
  });

  it('from the address of workloads keeps none of them out, nor whoever has a session', async () => {
    const sender = new Sender('127.0.0.1');
    await sender.flood(100, () => sender.send('GET', `${API}/nowhere`));
    for (let at = 0; at < 10; at += 1) expect((await workload(api).send('GET', `${API}/secrets/limits/db`)).status).toBe(404);
    expect((await installation.admin().send('GET', `${API}/roles/limits`)).status).toBe(200);
  });

  it('H2: is refused before its bodies are read', async () => {
    const sender = new Sender('127.0.0.83');
    await sender.flood(100, () => sender.send('POST', `${API}/session`, '{"name":'));
    const head = ['Host: localhost', 'Content-Type: application/json', 'Content-Length: 16384'];
    const line = { port: installation.server.operator.port, ca: installation.initialized.trustBundle, from: '127.0.0.83' };
    const [answer] = await exchange(line, message(`POST ${API}/session HTTP/1.1`, head, '{'));
    expect(answer).toMatchObject({ status: 429, headers: { connection: 'close' } });
  });

  it('E7: is not helped by saying that it comes from elsewhere', async () => {
    const sender = new Sender('127.0.0.84');
    const elsewhere = (at: number) => ({
      'x-forwarded-for': `192.0.2.${at}`,
      forwarded: `for=192.0.2.${at}`,
      'x-real-ip': `192.0.2.${at}`,
    });
    const { statuses } = await sender.flood(100, (at) => sender.send('GET', `${API}/system/status`, undefined, elsewhere(at)));
    expect(count(statuses, 429)).toBeGreaterThan(50);
  });

  it.each([
    ['no certificate', () => undefined],
    ['one that is revoked', () => revoked],
  ])('on the workload listener, with %s, is refused the same and keeps no certificate out', async (_, who) => {
    const sender = new Sender('127.0.0.85', { workload: who(), port: installation.server.workload?.port });
    const { statuses } = await sender.flood(150, () => sender.send('GET', `${API}/secrets/limits/db`));
    expect(count(statuses, 401) + count(statuses, 429)).toBe(150);
    for (let at = 0; at < 10; at += 1) expect((await workload(api, '127.0.0.85').send('GET', `${API}/secrets/limits/db`)).status).toBe(404);
  });
});

describe('E11: a flood of passwords', () => {
  it('is refused before any is looked at, while others sign in and workloads read', async () => {
    const sender = new Sender('127.0.0.86');
    const body = JSON.stringify({ name: 'admin', password: WRONG });
    const flood = sender.flood(200, () => sender.send('POST', `${API}/session`, body));
    expect((await workload(api).send('GET', `${API}/secrets/limits/db`)).status).toBe(404);
    const other = await new Sender('127.0.0.87').send('POST', `${API}/session`, JSON.stringify({ name: 'admin', password: PASSWORD }));
    expect(other.status).toBe(201);
    const { statuses } = await flood;
    expect(count(statuses, 401)).toBeLessThanOrEqual(2);
    expect(count(statuses, 429)).toBeGreaterThanOrEqual(198);
  });
});

describe("a caller's flood", () => {
  it('is refused on all of its connections, of this route only, and others have theirs', async () => {
    const sender = workload(api);
    const { statuses, refused } = await sender.flood(100, () => sender.send('GET', LIST));
    const within = ROUTES.listSecrets.limit.burst * SCALE;
    expect(count(statuses, 200)).toBeGreaterThanOrEqual(within);
    expect(count(statuses, 200)).toBeLessThan(within + 20);
    expect(refused.headers['retry-after']).toBe('1');
    expect((await workload(api, '127.0.0.88').send('GET', LIST)).status).toBe(429);
    expect((await workload(api).send('GET', `${API}/secrets/limits/db`)).status).toBe(404);
    expect((await workload(web).send('GET', LIST)).status).toBe(200);
  });

  it('is refused by who it is where a session says so, from whatever address', async () => {
    const body = JSON.stringify({ name: 'admin', password: PASSWORD });
    const { token } = JSON.parse((await new Sender('127.0.0.89').send('POST', `${API}/session`, body)).body);
    const ask = (from: string) => new Sender(from).send('GET', `${API}/roles`, undefined, { authorization: `Bearer ${token}` });
    const sender = new Sender('127.0.0.90');
    await sender.flood(60, () => sender.send('GET', `${API}/roles`, undefined, { authorization: `Bearer ${token}` }));
    expect((await ask('127.0.0.91')).status).toBe(429);
  });

  it.each([true, false])('of what leads nowhere is refused too (known before: %s)', async (known) => {
    const sender = workload(known ? web : api, '127.0.0.94');
    if (known) await Promise.all(Array.from({ length: 8 }, () => sender.send('GET', `${API}/secrets/limits/db`)));
    const { statuses } = await sender.flood(150, (at) => sender.send('GET', `${API}/nowhere-${at}`));
    expect(count(statuses, 404)).toBeLessThan((known ? ASTRAY.burst : UNPROVEN.with.burst) * SCALE + 40);
  });
});

describe('what was refused', () => {
  it('is counted: by route and whose limit it was, in a bounded number of series', async () => {
    const { body } = await installation.probe('/metrics');
    const series = body.split('\n').filter((line) => line.startsWith('holdfast_requests_limited_total{'));
    expect(series.join('\n')).toContain('{route="signIn",by="address"}');
    expect(series.join('\n')).toContain('{route="listSecrets",by="caller"}');
    expect(series.join('\n')).toContain('{route="none",by="caller"}');
    expect(body).not.toContain('127.0.0.');
    expect(body).not.toContain('spiffe:');
  });

  it('is in the log, all of it, in a few entries', async () => {
    const sender = workload(web, '127.0.0.92');
    const { statuses } = await sender.flood(300, () => sender.send('GET', LIST));
    await installation.stop();
    await installation.start({ settings: {} });
    const entries = (await installation.entries()).filter(({ peer, code }) => peer === '127.0.0.92' && code === 'too_many_requests');
    expect(entries.length).toBeLessThanOrEqual(4);
    expect(entries.reduce((sum, entry) => sum + (entry.count ?? 1), 0)).toBe(count(statuses, 429));
    for (const entry of entries)
      expect(entry).toMatchObject({
        caller: { kind: 'workload', id: web.spiffeId },
        action: 'secret:list',
        decision: 'none',
        outcome: 'refused',
      });
  });
});

describe('with the limits as they are shipped', () => {
  it('three hundred that start at once behind one address get all that they ask for', async () => {
    await installation.stop();
    await installation.start({ settings: { limits: { perCaller: 1, perAddress: 1 } } });
    await workload(api).send('PUT', `${API}/secrets/limits/db`, '{"data":{"a":"1"}}');
    const starts = Array.from({ length: 300 }, () => workload(api, '127.0.0.93').send('GET', `${API}/secrets/limits/db`));
    expect(new Set((await Promise.all(starts)).map(({ status }) => status))).toEqual(new Set([200]));
  });
});
