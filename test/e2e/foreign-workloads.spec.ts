import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectPlainly } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { CredentialAuthenticator, RolePolicy } from '#access';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BAD_CHAINS, ChainWorld, GOOD_CHAINS, type Presented } from '../support/chain-cases.ts';
import { TestAuthority } from '../support/certificates.ts';
import { Installation } from '../support/installation.ts';
import { API } from '../support/loopback.ts';
import { type Answer, answersIn, RawConnection } from '../support/raw-connection.ts';
import { revocationList } from '../support/revocation-lists.ts';
import type { Credential } from '../support/wire-client.ts';

const SECRET = `${API}/secrets/shop/db`;
const READERS = 100;

let directory: string;
let installation: Installation;
let world: ChainWorld;
/** Each from an address of its own: repeats of a refusal from one are folded in the log. */
let peers = 0;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-'));
  installation = await Installation.create(directory);
  await installation.grant('shop-owner', 'operator:admin', { allow: ['secret:*'], on: 'shop/**' });
  await installation.admin().must('PUT', SECRET, { data: { password: 'CANARY' } });
  world = await ChainWorld.create();
  for (const [domain, pem] of world.bundles) await trust(domain, pem);
  const domains = ['a', 'b', 'rsa', 'ed', 'short'].map((name) => `spiffe://${name}.example/**`);
  await installation.admin().must('PUT', `${API}/roles/readers`, {
    role: 'readers',
    rules: [{ allow: ['secret:read'], on: 'shop/**' }],
    bind: domains,
    everyone: true,
  });
});

afterAll(async () => {
  await installation.stop();
  rmSync(directory, { recursive: true });
});

function trust(domain: string, pem: string): Promise<unknown> {
  return installation.admin().must('PUT', `${API}/trust-bundles/${domain}`, { pem });
}

function revoke(revocation: object): Promise<unknown> {
  return installation.admin().must('POST', `${API}/revocations`, revocation);
}

function credentialOf({ leaf, sent = [] }: Presented): Required<Pick<Credential, 'cert' | 'key'>> {
  return { cert: [leaf.certificatePem, ...sent.map(({ pem }) => pem)].join('\n'), key: leaf.privateKeyPem };
}

/** One read over a connection of its own. The client has no CA of its own to add, and scruples about nothing that it is told to send. */
async function readOnce(presented: Presented): Promise<Answer> {
  const localAddress = `127.0.${2 + Math.floor(peers / 250)}.${1 + (peers++ % 250)}`;
  const port = installation.server.workload?.port ?? 0;
  const socket = connect({
    socket: connectPlainly({ host: '127.0.0.1', port, localAddress }),
    ...credentialOf(presented),
    rejectUnauthorized: false,
    ciphers: 'DEFAULT:@SECLEVEL=0',
  });
  return answerOf(socket);
}

function answerOf(socket: TLSSocket): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(answersIn(received)[0] as Answer));
    socket.write(`GET ${SECRET} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
  });
}

/** The hint of an answer, or its status where it is good. */
function resultOf({ status, body }: Answer): string | number {
  const problem: { hint?: string } = JSON.parse(body);
  return status === 401 ? (problem.hint ?? '') : status;
}

describe('on real TLS a certificate', () => {
  it('with one defect is refused, and the log says which', async () => {
    const results: [string, string | number, string][] = [];
    for (const { name, make } of BAD_CHAINS) {
      const answer = await readOnce(await make(world));
      results.push([name, resultOf(answer), answer.headers['request-id'] ?? '']);
    }
    expect(results.map(([name, hint]) => `${name}: ${hint}`)).toEqual(BAD_CHAINS.map(({ name, defect }) => `${name}: ${defect}`));
    const codes = new Map((await installation.entries()).map(({ requestId, code }) => [requestId, code]));
    expect(results.map(([, , requestId]) => codes.get(requestId))).toEqual(BAD_CHAINS.map(({ defect }) => defect));
    expect(new Set(BAD_CHAINS.map(({ defect }) => defect)).size).toBeGreaterThan(25);
  });

  it('without one is accepted, whoever made it', async () => {
    const results: string[] = [];
    for (const { name, make } of GOOD_CHAINS) results.push(`${name}: ${resultOf(await readOnce(await make(world)))}`);
    expect(results).toEqual(GOOD_CHAINS.map(({ name }) => `${name}: 200`));
  });
});

/** A connection that stays open, and what a read on it gets. */
async function openReader(credential: Credential): Promise<{ read(): Promise<string | number>; [Symbol.dispose](): void }> {
  const connection = await RawConnection.open(installation.server.workload?.port ?? 0, installation.initialized.trustBundle, credential);
  let count = 0;
  return {
    async read() {
      connection.ask('GET', SECRET);
      await connection.answered(++count);
      return resultOf(answersIn(connection.received).at(-1) as Answer);
    },
    [Symbol.dispose]: () => connection[Symbol.dispose](),
  };
}

describe('on an open connection', () => {
  it('a certificate is refused once its CA is no longer in the bundle, accepted when it is again, and others stay connected', async () => {
    const [before, after] = await Promise.all([TestAuthority.root('turn'), TestAuthority.root('turn')]);
    await trust('b.example', before.pem);
    using turned = await openReader(credentialOf({ leaf: await before.workload('spiffe://b.example/w') }));
    using other = await openReader(credentialOf({ leaf: await world.roots['a.example'].workload('spiffe://a.example/w') }));
    expect([await turned.read(), await other.read()]).toEqual([200, 200]);
    await trust('b.example', `${before.pem}\n${after.pem}`);
    expect([await turned.read(), await other.read()]).toEqual([200, 200]);
    using renewed = await openReader(credentialOf({ leaf: await after.workload('spiffe://b.example/w') }));
    expect(await renewed.read()).toBe(200);
    await trust('b.example', after.pem);
    expect([await turned.read(), await renewed.read(), await other.read()]).toEqual(['bad_signature', 200, 200]);
    await trust('b.example', before.pem);
    expect([await turned.read(), await other.read()]).toEqual([200, 200]);
    await trust('b.example', world.roots['b.example'].pem);
  });

  it('that came before its CA was trusted, the peer hears that it should connect again, and then gets in', async () => {
    const late = await TestAuthority.root('late');
    const credential = credentialOf({ leaf: await late.workload('spiffe://b.example/w') });
    using early = await openReader(credential);
    expect(await early.read()).toBe('untrusted');
    await trust('b.example', late.pem);
    expect(await early.read()).toBe('unverified');
    using again = await openReader(credential);
    expect(await again.read()).toBe(200);
    await trust('b.example', world.roots['b.example'].pem);
  });

  it('a revocation list holds for the next request', async () => {
    const root = world.roots['b.example'];
    const leaf = await root.workload('spiffe://b.example/w');
    using reader = await openReader(credentialOf({ leaf }));
    expect(await reader.read()).toBe(200);
    const crls = [await revocationList(root, { serials: [leaf.certificate.serialNumber] })];
    const shown = await installation.admin().must<{ lists: object[] }>('PUT', `${API}/trust-bundles/b.example:crl`, { crls });
    expect(shown.lists).toMatchObject([{ revoked: 1 }]);
    expect(await reader.read()).toBe('revoked');
    await installation.admin().must('PUT', `${API}/trust-bundles/b.example:crl`, { crls: [] });
    expect(await reader.read()).toBe(200);
  });
});

interface Read {
  readonly sentAt: number;
  readonly result: string | number;
}

/** A hundred readers on as many connections read as fast as they can while something is revoked; when each read began, and what it got. */
async function revokeAmongReaders(
  id: string,
  revocation: object,
): Promise<{ readonly reads: readonly Read[]; readonly answeredAt: number }> {
  const credential = credentialOf({ leaf: await world.roots['a.example'].workload(id) });
  const readers = await Promise.all(Array.from({ length: READERS }, () => openReader(credential)));
  const reads: Read[] = [];
  let answeredAt = Infinity;
  const over = (): boolean => reads.filter(({ sentAt }) => sentAt > answeredAt).length >= 2 * READERS;
  const all = readers.map(async (reader) => {
    while (!over()) {
      const sentAt = performance.now();
      reads.push({ sentAt, result: await reader.read() });
    }
  });
  await vi.waitUntil(() => reads.length > 3 * READERS, { timeout: 20_000 });
  await revoke(revocation);
  answeredAt = performance.now();
  await Promise.all(all);
  for (const reader of readers) reader[Symbol.dispose]();
  return { reads, answeredAt };
}

function lateResults({ reads, answeredAt }: Awaited<ReturnType<typeof revokeAmongReaders>>): Set<string | number> {
  return new Set(reads.filter(({ sentAt }) => sentAt > answeredAt).map(({ result }) => result));
}

describe('while a hundred readers are in flight', () => {
  it('this test finds answers that began after a revocation, where there are any', async () => {
    const id = 'spiffe://a.example/ns/planted/sa/reader';
    const { revision } = installation.server as never as { revision: number };
    using _revision = vi.spyOn(CredentialAuthenticator.prototype, 'revision', 'get').mockReturnValue(revision ?? 1);
    using _lapse = vi.spyOn(RolePolicy.prototype, 'lapseOf').mockReturnValue(undefined);
    expect(lateResults(await revokeAmongReaders(id, { spiffeId: id }))).toContain(200);
  });

  it.each([
    ['a SPIFFE ID', (id: string) => ({ spiffeId: id })],
    ['the prefix of a namespace', (id: string) => ({ prefix: id.replace(/sa\/.*$/, '**') })],
  ])('%s is revoked, and no answer is given whose handling began after that', async (what, revocation) => {
    const id = `spiffe://a.example/ns/${what.replaceAll(' ', '-')}/sa/reader`;
    const outcome = await revokeAmongReaders(id, revocation(id));
    expect(outcome.reads.filter(({ result }) => result === 200).length).toBeGreaterThan(3 * READERS);
    expect(lateResults(outcome)).toEqual(new Set(['revoked']));
  });
});

describe('our own bundle', () => {
  it('is fetched without a credential, and what it holds lets our workloads in elsewhere', async () => {
    const answer = await installation.operator().send('GET', `${API}/spiffe-bundle`);
    expect(answer.status).toBe(200);
    const document: { keys: { x5c: string[] }[] } = JSON.parse(answer.body);
    await installation.admin().must('PUT', `${API}/trust-bundles/elsewhere.example`, { jwks: { ...document, keys: [] } });
    const own = document.keys.map(({ x5c }) => x5c[0]);
    expect(own).toEqual([installation.initialized.trustBundle.replaceAll(/-----[A-Z ]+-----|\s/g, '')]);
  });
});
