import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CredentialAuthenticator, RolePolicy } from '#access';
import { Clock } from '#identity';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeRequest } from '../support/certificates.ts';
import { Installation } from '../support/installation.ts';
import { API, PASSWORD, TRUST_DOMAIN } from '../support/loopback.ts';
import { type Answer, answersIn, RawConnection } from '../support/raw-connection.ts';
import type { Credential, WireClient } from '../support/wire-client.ts';

const SECRET = `${API}/secrets/shop/db`;
const READERS = 100;
const READ = { allow: ['secret:read'], on: 'shop/**' };

/** The machine's clock, which a test may set back. */
class OffsetClock extends Clock {
  offset = 0;

  override now(): Date {
    return new Date(Date.now() + this.offset);
  }
}

const clock = new OffsetClock();
let directory: string;
let installation: Installation;
let names = 0;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-'));
  installation = await Installation.create(directory, { overrides: { clock } });
  await installation.grant('shop-owner', 'operator:admin', { allow: ['secret:*'], on: 'shop/**' });
  await installation.admin().must('PUT', SECRET, { data: { password: 'CANARY' } });
});

afterAll(async () => {
  await installation.stop();
  rmSync(directory, { recursive: true });
});

/** A workload of its own that may read the secret, and the role that lets it. */
async function newReader(): Promise<{ readonly id: string; readonly role: string; readonly credential: Credential }> {
  const role = `reader-${++names}`;
  const id = `spiffe://${TRUST_DOMAIN}/${role}`;
  await installation.grant(role, id, READ);
  return { id, role, credential: await installation.enrol(id) };
}

/** A request that the server has admitted and whose last byte it waits for. */
class Held {
  readonly #connection: RawConnection;
  readonly #rest: string;

  private constructor(connection: RawConnection, rest: string) {
    this.#connection = connection;
    this.#rest = rest;
  }

  static async begin(credential: Credential, method: string, path: string, body: object): Promise<Held> {
    const { workload, operator } = installation.server;
    const { port = 0 } = (credential.token === undefined ? workload : operator) ?? {};
    const connection = await RawConnection.open(port, installation.initialized.trustBundle, credential);
    const text = JSON.stringify(body);
    const session = credential.token === undefined ? [] : [`authorization: Bearer ${credential.token}`];
    const content = ['content-type: application/json', `content-length: ${text.length}`, 'expect: 100-continue'];
    connection.ask(method, path, ...session, ...content);
    await connection.answered();
    if (answersIn(connection.received)[0]?.status !== 100) throw new Error('the request was not admitted');
    connection.send(text.slice(0, -1));
    return new Held(connection, text.slice(-1));
  }

  async end(): Promise<Answer> {
    using connection = this.#connection;
    connection.send(this.#rest);
    await connection.answered(2);
    return answersIn(connection.received).at(-1) as Answer;
  }
}

function fingerprintOf({ cert = '' }: Credential): string {
  return `sha256:${new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase()}`;
}

interface Read {
  readonly sentAt: number;
  readonly status: number;
}

/** What became of reads that were sent after the change was answered, and how many there were before. */
interface Outcome {
  readonly before: readonly number[];
  readonly late: readonly number[];
}

/** A hundred readers, each on a connection that stays open, read as fast as they can while something changes. */
async function changeUnderWay(clients: readonly WireClient[], change: () => Promise<unknown>): Promise<Outcome> {
  const crowd = new Crowd(clients);
  await crowd.hasRead(3);
  await change();
  const answeredAt = performance.now();
  await crowd.hasRead(5);
  const reads = await crowd.end();
  return {
    before: reads.filter(({ sentAt }) => sentAt <= answeredAt).map(({ status }) => status),
    late: reads.filter(({ sentAt }) => sentAt > answeredAt).map(({ status }) => status),
  };
}

class Crowd {
  readonly #reads: Read[][];
  readonly #readers: Promise<void>[];
  #over = false;
  #look = (): void => undefined;

  constructor(clients: readonly WireClient[]) {
    this.#reads = clients.map(() => []);
    this.#readers = clients.map((client, at) => this.#read(client, this.#reads[at] ?? []));
  }

  /** Resolves when each has read so many times from now on. */
  hasRead(times: number): Promise<void> {
    const goals = this.#reads.map((reads) => reads.length + times);
    return new Promise((resolve) => {
      this.#look = () => {
        if (this.#reads.every((reads, at) => reads.length >= (goals[at] ?? 0))) resolve();
      };
    });
  }

  async end(): Promise<readonly Read[]> {
    this.#over = true;
    await Promise.all(this.#readers);
    return this.#reads.flat();
  }

  async #read(client: WireClient, reads: Read[]): Promise<void> {
    while (!this.#over) {
      const sentAt = performance.now();
      const { status } = await client.send('GET', SECRET);
      reads.push({ sentAt, status });
      this.#look();
    }
  }
}

function crowdOf(credential: Credential): WireClient[] {
  return Array.from({ length: READERS }, () =>
    credential.token === undefined ? installation.workload(credential) : installation.operator(credential),
  );
}

function expectEnded({ before, late }: Outcome, status: number): void {
  expect(before.filter((each) => each === 200).length).toBeGreaterThanOrEqual(3 * READERS);
  expect(late.length).toBeGreaterThanOrEqual(3 * READERS);
  expect(new Set(late)).toEqual(new Set([status]));
}

describe('this test', () => {
  it('sees a server that knows a caller by the connection for good', async () => {
    const { id, credential } = await newReader();
    using _revision = vi.spyOn(CredentialAuthenticator.prototype, 'revision', 'get').mockReturnValue(1);
    using _lapse = vi.spyOn(RolePolicy.prototype, 'lapseOf').mockReturnValue(undefined);
    const { late } = await changeUnderWay(crowdOf(credential), () =>
      installation.admin().must('POST', `${API}/revocations`, { spiffeId: id }),
    );
    expect(late).toContain(200);
  });

  it('sees a server that knows a caller by the head of a request for good', async () => {
    const { id, credential } = await newReader();
    using _lapse = vi.spyOn(RolePolicy.prototype, 'lapseOf').mockReturnValue(undefined);
    const bundle = await Held.begin(credential, 'POST', `${API}/bundle`, { paths: ['shop/db'] });
    await installation.admin().must('POST', `${API}/revocations`, { spiffeId: id });
    expect((await bundle.end()).body).toContain('CANARY');
  });

  it('sees a server that decides once and for all', async () => {
    const { role, id, credential } = await newReader();
    using _revision = vi.spyOn(RolePolicy.prototype, 'revision', 'get').mockReturnValue(1);
    const { late } = await changeUnderWay(crowdOf(credential), () => installation.grant(role, id));
    expect(late).toContain(200);
  });
});

describe('once it is answered, for the next request on every connection that is open', () => {
  it('a revoked certificate is refused, and another one of the same workload is not', async () => {
    const { id, credential } = await newReader();
    const other = installation.workload(await installation.enrol(id));
    const revoke = (): Promise<unknown> =>
      installation.admin().must('POST', `${API}/revocations`, { fingerprint: fingerprintOf(credential) });
    expectEnded(await changeUnderWay(crowdOf(credential), revoke), 401);
    expect((await other.send('GET', SECRET)).status).toBe(200);
  });

  it('a revoked workload is refused, whichever certificate it has', async () => {
    const { id, credential } = await newReader();
    const other = await installation.enrol(id);
    const clients = crowdOf(credential).map((client, at) => (at % 2 === 0 ? client : installation.workload(other)));
    expectEnded(await changeUnderWay(clients, () => installation.admin().must('POST', `${API}/revocations`, { spiffeId: id })), 401);
  });

  it.each<[string, (role: string, id: string) => Promise<unknown>]>([
    ['a role that lost the rule', (role, id) => installation.grant(role, id)],
    ['a role that is bound to somebody else', (role) => installation.grant(role, `spiffe://${TRUST_DOMAIN}/somebody-else`, READ)],
    ['a role that denies', (role, id) => installation.grant(role, id, READ, { deny: ['secret:read'], on: 'shop/db' })],
    ['another role that denies', (role, id) => installation.grant(`${role}-not`, id, { deny: ['secret:read'], on: '**' })],
    ['a role that has ended', (role, id) => installation.grant(role, id, { ...READ, until: '2020-01-01T00:00:00Z' })],
    ['a role that is gone', (role) => installation.admin().must('DELETE', `${API}/roles/${role}`)],
  ])('%s no longer allows anything', async (_what, change) => {
    const { role, id, credential } = await newReader();
    expectEnded(await changeUnderWay(crowdOf(credential), () => change(role, id)), 403);
  });

  it('a session that was ended is refused', async () => {
    const { token } = await installation
      .operator()
      .must<{ token: string }>('POST', `${API}/session`, { name: 'admin', password: PASSWORD });
    expectEnded(await changeUnderWay(crowdOf({ token }), () => installation.operator({ token }).must('DELETE', `${API}/session`)), 401);
  });

  it('a secret that was deleted is not found', async () => {
    const { credential } = await newReader();
    expectEnded(await changeUnderWay(crowdOf(credential), () => installation.admin().must('DELETE', SECRET)), 404);
    await installation.admin().must('POST', `${SECRET}:restore`, {});
  });

  it('a server that is sealed gives out nothing', async () => {
    const { credential } = await newReader();
    const clients = crowdOf(credential);
    const first = await Promise.all(clients.map((client) => client.send('GET', SECRET)));
    expect(new Set(first.map(({ status }) => status))).toEqual(new Set([200]));
    await installation.admin().must('POST', `${API}/system/seal`);
    const after = await Promise.allSettled(clients.map((client) => client.send('GET', SECRET)));
    expect(new Set(after.map((each) => (each.status === 'fulfilled' ? each.value.status : 'no connection')))).toEqual(
      new Set(['no connection']),
    );
    await installation.operator().must('POST', `${API}/system/unseal`, { slot: 'file' });
  });
});

describe('once it is answered, for a request whose body is still on its way', () => {
  const HELD = `${API}/secrets/shop/held`;

  it.each<[string, (id: string, credential: Credential) => object]>([
    ['a workload', (id) => ({ spiffeId: id })],
    ['a certificate', (_id, credential) => ({ fingerprint: fingerprintOf(credential) })],
  ])('%s that was revoked reads nothing and gets no new certificate', async (_what, revocation) => {
    const { id, credential } = await newReader();
    const bundle = await Held.begin(credential, 'POST', `${API}/bundle`, { paths: ['shop/db'] });
    const renewal = await Held.begin(credential, 'POST', `${API}/certificates`, { csr: (await makeRequest(id)).csrPem });
    await installation.admin().must('POST', `${API}/revocations`, revocation(id, credential));
    for (const held of [bundle, renewal]) {
      const { status, body } = await held.end();
      expect(status).toBe(401);
      expect(JSON.parse(body)).toMatchObject({ code: 'certificate_refused', hint: 'revoked' });
    }
    const ofThem = (await installation.entries()).filter(({ caller, outcome }) => caller.id === id && outcome === 'refused');
    expect(ofThem.map(({ action, code }) => [action, code])).toEqual([
      ['secret:read', 'certificate_refused'],
      ['identity:certify', 'certificate_refused'],
    ]);
  });

  it('an operator who signed out writes nothing', async () => {
    const { token } = await installation
      .operator()
      .must<{ token: string }>('POST', `${API}/session`, { name: 'admin', password: PASSWORD });
    const write = await Held.begin({ token }, 'PUT', HELD, { data: { a: '1' } });
    await installation.operator({ token }).must('DELETE', `${API}/session`);
    expect(await write.end()).toMatchObject({ status: 401, body: expect.stringContaining('session_refused') });
    expect((await installation.admin().send('GET', HELD)).status).toBe(404);
  });
});

describe('afterwards', () => {
  it('the log verifies, has an entry for each value that was given out, and says why the others were not', async () => {
    const { id, credential } = await newReader();
    const { before } = await changeUnderWay(crowdOf(credential), () =>
      installation.admin().must('POST', `${API}/revocations`, { spiffeId: id }),
    );
    const entries = await installation.entries();
    const released = entries.filter(({ caller, outcome }) => caller.id === id && outcome === 'released');
    expect(released).toHaveLength(before.filter((status) => status === 200).length);
    expect(entries.findLast(({ action }) => action === 'identity:revoke')).toMatchObject({ resource: id, outcome: 'done' });
    expect(entries.some(({ code, action }) => action === 'secret:read' && code === 'revoked')).toBe(true);
  });

  it('a workload that was revoked can be enrolled anew', async () => {
    const { id, credential } = await newReader();
    // The new certificate begins in the second after the revocation, so that lies in the past.
    clock.offset = -5_000;
    await installation.admin().must('POST', `${API}/revocations`, { spiffeId: id });
    clock.offset = 0;
    const renewed = await installation.enrol(id);
    expect((await installation.workload(credential).send('GET', SECRET)).status).toBe(401);
    expect((await installation.workload(renewed).send('GET', SECRET)).status).toBe(200);
  });
});
