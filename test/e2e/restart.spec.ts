import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ROUTES, type RouteName } from '#contract';
import { KeyringHolder } from '#keys';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeRequest } from '../support/certificates.ts';
import { runCommand } from '../support/command.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { Installation, type InstallationOptions } from '../support/installation.ts';
import { API, PASSWORD, TRUST_DOMAIN } from '../support/loopback.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { HOLDFAST } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temp-dir.ts';

const READER = `spiffe://${TRUST_DOMAIN}/ns/shop/sa/web`;
const SECRET = `${API}/secrets/shop/db`;
const PASSPHRASE = 'correct horse battery staple';
const BY_HAND = { settings: { unseal: { file: undefined } } };

async function install(options: InstallationOptions = {}): Promise<Installation> {
  const installation = await Installation.create(temporaryDirectory(), options);
  onTestFinished(() => installation.stop());
  await installation.grant('shop-owner', 'operator:admin', { allow: ['secret:*'], on: 'shop/**' });
  await installation.grant('shop-reader', READER, { allow: ['secret:read'], on: 'shop/**' });
  await installation.admin().must('PUT', SECRET, { data: { password: 'first' }, labels: { tier: 'db' } });
  return installation;
}

async function restart(installation: Installation, options: InstallationOptions = {}): Promise<void> {
  await installation.stop();
  await installation.start(options);
}

function keyOf({ keyFile }: Installation): string {
  return readFileSync(keyFile, 'utf8');
}

describe('a restart', () => {
  it('keeps secrets, versions, labels, roles, sessions, certificates, tokens, revocations and the log', async () => {
    const installation = await install();
    const admin = installation.admin();
    await admin.must('PUT', SECRET, { data: { password: 'second' } });
    const { token: unused } = await admin.must<{ token: string }>('POST', `${API}/enrolments`, { spiffeId: READER });
    const reader = await installation.enrol(READER);
    const revoked = await installation.enrol(`${READER}/revoked`);
    await admin.must('POST', `${API}/revocations`, { spiffeId: `${READER}/revoked` });
    const look = async (): Promise<readonly unknown[]> => {
      const paths = [SECRET, `${SECRET}?version=1`, `${SECRET}:versions`, `${API}/secrets?recursive=true`, `${API}/roles`];
      const seen: unknown[] = [];
      for (const path of paths) seen.push(await installation.admin().must('GET', path));
      seen.push((await installation.workload(reader).send('GET', SECRET)).body);
      const { code, hint } = JSON.parse((await installation.workload(revoked).send('GET', SECRET)).body);
      return [...seen, code, hint];
    };
    const before = await look();
    const logged = (await installation.entries()).length;

    await restart(installation);
    expect(installation.sealed).toBe(false);
    expect(await look()).toEqual(before);
    expect(before.slice(-2)).toEqual(['certificate_refused', 'revoked']);
    expect((await installation.entries()).length).toBeGreaterThan(logged + before.length - 1);
    const { csrPem: csr } = await makeRequest(READER);
    await installation.operator().must('POST', `${API}/certificates`, { csr, token: unused });
    expect((await installation.operator().send('POST', `${API}/session`, { name: 'admin', password: PASSWORD })).status).toBe(201);
  });

  it('goes on with the same log, under the same name and the same key', async () => {
    const installation = await install();
    const header = async (): Promise<string> => (await installation.exportedLog()).split('\n', 1).join();
    const before = await header();
    await restart(installation);
    expect(await header()).toBe(before);
    const unsealings = (await installation.entries()).filter(({ action }) => action === 'system:unseal');
    expect(unsealings.map(({ caller, outcome }) => `${caller.id} ${outcome}`)).toEqual(['anonymous done', 'holdfast done']);
  });

  it('opens itself by its key file and by nothing else', async () => {
    const installation = await install({ passphrase: PASSPHRASE });
    await restart(installation);
    expect(installation.sealed).toBe(false);
    await restart(installation, BY_HAND);
    expect(installation.sealed).toBe(true);
  });
});

describe('a sealed server', () => {
  const ANSWERED: ReadonlySet<RouteName> = new Set<RouteName>(['readStatus', 'initialize', 'unseal', 'describe', 'browse']);

  it('answers the status, init, unseal and the description, and nothing else', async () => {
    const installation = await install();
    await restart(installation, BY_HAND);
    const answered = new Set<string>();
    for (const [name, { method, path }] of Object.entries(ROUTES)) {
      const target = path.replace('{path}', 'shop/db').replace('{name}', 'auditor');
      const { status } = await installation.admin().send(method, target);
      if (status !== 503) answered.add(name);
    }
    expect(answered).toEqual(ANSWERED);
    expect((await installation.operator().send('GET', `${API}/nothing`)).status).toBe(404);
  });

  it('lives, can be reached by an operator, and is not ready for workloads', async () => {
    const installation = await install();
    await restart(installation, BY_HAND);
    expect(installation.server.workload).toBeUndefined();
    expect((await installation.probe('/health/live')).status).toBe(200);
    expect((await installation.probe('/health/ready?for=operator')).status).toBe(200);
    expect((await installation.probe('/health/ready')).status).toBe(503);
    expect((await installation.probe('/metrics')).body).toContain('\nholdfast_sealed 1\n');
  });

  it('enters in the log what was tried, once it is open: each attempt, and the rest counted', async () => {
    const installation = await install({ passphrase: PASSPHRASE });
    await restart(installation, BY_HAND);
    const visitor = installation.operator();
    const unseal = (body: object): Promise<{ status: number }> => visitor.send('POST', `${API}/system/unseal`, body);
    expect((await unseal({ slot: 'passphrase', passphrase: 'wrong' })).status).toBe(401);
    expect((await unseal({ slot: 'file', key: randomBytes(32).toString('base64') })).status).toBe(401);
    for (let i = 0; i < 5; i++) await visitor.send('GET', SECRET);
    // What was tried survives a restart; what was only counted does not.
    expect(readFileSync(join(installation.dataDir, 'unseal-journal.ndjson'), 'utf8').trim().split('\n')).toHaveLength(2);
    expect((await unseal({ slot: 'passphrase', passphrase: PASSPHRASE })).status).toBe(200);
    expect((await unseal({ slot: 'file', key: keyOf(installation) })).status).toBe(409);

    const entries = (await installation.entries()).slice(-6).filter(({ action }) => action !== 'audit:export');
    const tried = entries
      .filter(({ action }) => action === 'system:unseal')
      .map(({ caller, outcome, code }) => `${caller.id} ${outcome} ${code}`);
    expect(tried).toEqual([
      'anonymous failed wrong_key',
      'anonymous failed wrong_key',
      'anonymous done undefined',
      'anonymous failed already_unsealed',
    ]);
    const counted = entries.filter(({ code }) => code === 'sealed');
    expect(counted.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(5);
    expect(readdirSync(installation.dataDir)).not.toContain('unseal-journal.ndjson');
  });
});

describe('sealing', () => {
  it('closes the workload listener and the connections to it, closes the database and wipes the keys', async () => {
    const installation = await install();
    using unsealed = vi.spyOn(KeyringHolder.prototype, 'unsealed');
    await restart(installation);
    const keyring = unsealed.mock.lastCall?.[0];
    expect(keyring?.digestKey.bytes).toHaveLength(32);
    const port = installation.server.workload?.port ?? 0;
    using idle = await RawConnection.open(port, installation.initialized.trustBundle, await installation.enrol(READER));
    idle.ask('GET', SECRET);
    await idle.answered();
    expect(openFiles(installation)).toContain('holdfast.db');

    await installation.admin().must('POST', `${API}/system/seal`);
    await idle.closed();
    await expect(RawConnection.open(port, installation.initialized.trustBundle)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(openFiles(installation)).toEqual(['holdfast.lock']);
    expect(() => keyring?.digestKey.bytes).toThrow('wiped');
    expect((await installation.admin().send('GET', SECRET)).status).toBe(503);
    await installation.operator().must('POST', `${API}/system/unseal`, { slot: 'file', key: keyOf(installation) });
    expect((await installation.admin().send('GET', SECRET)).status).toBe(200);
    expect((await installation.entries()).map(({ action }) => action)).toContain('system:seal');
  });
});

describe('a second process on the same directory', () => {
  it('is refused plainly, and leaves the first alone', async () => {
    const installation = await install();
    const config = join(installation.directory, 'server.yaml');
    const listeners = Object.fromEntries(['workload', 'operator', 'probe'].map((name) => [name, { address: '127.0.0.1', port: 0 }]));
    writeFileSync(config, stringify({ dataDir: installation.dataDir, trustDomain: TRUST_DOMAIN, listeners }));
    const { code, stdout, stderr } = await runCommand(HOLDFAST, ['server', '--config', config], { timeoutMs: 20_000 });
    expect(stderr).toMatch(/^holdfast: error: .*another process has this database open/m);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect((await installation.admin().send('GET', SECRET)).status).toBe(200);
  });
});

describe('a clock that is behind the last entry of the log', () => {
  it('keeps the server sealed, until it is set right', async () => {
    const installation = await install();
    const clock = new FakeClock(new Date(Date.now() - 3_600_000).toISOString());
    await restart(installation, { overrides: { clock } });
    expect(installation.sealed).toBe(true);
    const unseal = { slot: 'file', key: keyOf(installation) };
    expect(JSON.parse((await installation.operator().send('POST', `${API}/system/unseal`, unseal)).body)).toMatchObject({
      status: 503,
      code: 'clock_before_log',
    });

    clock.advance(3_600_000);
    await installation.operator().must('POST', `${API}/system/unseal`, unseal);
    const codes = (await installation.entries()).filter(({ action }) => action === 'system:unseal').map(({ code }) => code);
    expect(codes.slice(-3)).toEqual(['clock_before_log', 'clock_before_log', undefined]);
  });
});

/** The names of an installation's files that this process has open. */
function openFiles({ dataDir }: Installation): string[] {
  const targets = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return []; // closed meanwhile
    }
  });
  return targets.filter((target) => target.startsWith(`${dataDir}/`)).map((target) => target.slice(dataDir.length + 1));
}
