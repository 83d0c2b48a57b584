import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ended, type Finished, runCommand } from '../support/command.ts';
import type { Entry } from '#audit';
import { entriesIn } from '../support/audit-export.ts';
import { Deployment } from '../support/deployment.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { HOLDFAST, isHealthy } from '../support/server-process.ts';
import { message } from './wire.ts';

const API = '/api/v1';
const BODY = JSON.stringify({ data: { password: 'in flight' } });

/** A server as its service manager sees it: a process, its log line by line as it is written, and its exit code. */
class Watched {
  readonly events: string[] = [];
  readonly #child: ChildProcess;
  readonly #lines: Interface;

  constructor(configFile: string) {
    const child = spawn(HOLDFAST, ['server', '--config', configFile], { stdio: ['ignore', 'ignore', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    this.#child = child;
    this.#lines = createInterface(child.stderr);
    this.#lines.on('line', (line) => this.events.push(JSON.parse(line).event));
  }

  /** Resolves when the log says so. */
  async said(event: string): Promise<void> {
    const gone = once(this.#lines, 'close').then(() => Promise.reject(new Error(`the server ended before it was ${event}`)));
    while (!this.events.includes(event)) await Promise.race([once(this.#lines, 'line'), gone]);
    gone.catch(() => undefined);
  }

  async start(): Promise<this> {
    await this.said('started');
    return this;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The exit code, once all of the log is read; a signal that nothing handled has none. */
  async exited(): Promise<number | null> {
    await ended(this.#child);
    return this.#child.exitCode;
  }
}

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.create(mkdtempSync(join(tmpdir(), 'holdfast-drain-')), 'acme.internal');
  await deployment.applyRole({ role: 'owner', rules: [{ allow: ['secret:*'], on: 'app/**' }], bind: ['operator:admin'] });
  await deployment.applyRole({ role: 'auditor', rules: [{ allow: ['audit:*'], on: '**' }], bind: ['operator:admin'] });
  await deployment.server.stop();
});
afterAll(() => rmSync(deployment.server.directory, { recursive: true }));

const serve = (): Promise<Watched> => new Watched(deployment.server.configFile).start();
const connect = (): Promise<RawConnection> => RawConnection.open(deployment.server.ports.operator, deployment.trustBundle);
const session = (): string => `authorization: Bearer ${deployment.adminToken}`;

/** Asks to write a secret and keeps the body back. When this returns the server has admitted the request and waits for it. */
async function beginWrite(connection: RawConnection, path: string): Promise<void> {
  const content = ['content-type: application/json', `content-length: ${BODY.length}`, 'expect: 100-continue'];
  connection.ask('PUT', `${API}/secrets/${path}`, session(), ...content);
  await connection.answered();
  expect(connection.received).toBe('HTTP/1.1 100 Continue\r\n\r\n');
}

/** What the next server on the same directory has in its log. The export is verified by the command. */
async function entriesAfterwards(): Promise<readonly Entry[]> {
  const server = await serve();
  const exported = (await deployment.admin.send('GET', `${API}/audit/entries`)).body;
  deployment.admin.close();
  server.signal('SIGTERM');
  expect(await server.exited()).toBe(0);
  const file = join(deployment.server.directory, 'export.ndjson');
  writeFileSync(file, exported);
  const verified = await runCommand(HOLDFAST, ['audit', 'verify', file, '--key', deployment.logVerifierKeyFile]);
  expect(verified).toMatchObject({ code: 0 });
  return entriesIn(exported);
}

function statusesIn(received: string): string[] {
  return [...received.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status = '']) => status);
}

describe.each(['SIGTERM', 'SIGINT'] as const)('a server that gets %s', (signal) => {
  it('gives the request in flight its answer, lets nothing new in, and ends with exit code 0', async () => {
    const server = await serve();
    using connection = await connect();
    await beginWrite(connection, `app/${signal.toLowerCase()}`);

    server.signal(signal);
    await server.said('draining');
    expect(await isHealthy(deployment.server.ports.probe, 'live')).toBe(true);
    expect(await isHealthy(deployment.server.ports.probe, 'ready')).toBe(false);
    expect(await isHealthy(deployment.server.ports.probe, 'ready?for=operator')).toBe(false);
    expect(server.events).not.toContain('stopped');

    connection.send(BODY);
    await connection.closed();
    expect(statusesIn(connection.received)).toEqual(['100', '200']);
    expect(connection.received).toMatch(/^connection: close\r$/im);
    await expect(connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await server.exited()).toBe(0);
    expect(server.events.slice(server.events.indexOf('started'))).toEqual(['started', 'draining', 'closed', 'stopped']);
  });

  it('does nothing that is asked for later on the same connection, and the log has both before the next start', async () => {
    const server = await serve();
    using connection = await connect();
    const path = `app/before-${signal.toLowerCase()}`;
    await beginWrite(connection, path);
    server.signal(signal);
    await server.said('draining');
    connection.send(message(`${BODY}DELETE ${API}/secrets/${path} HTTP/1.1`, ['host: localhost', session()]));
    await connection.closed();
    expect(statusesIn(connection.received)).toEqual(['100', '200']);
    expect(await server.exited()).toBe(0);

    const entries = (await entriesAfterwards()).map(({ action, outcome, code }) => [action, outcome, code].join(' ').trim());
    const end = entries.lastIndexOf('system:unseal done');
    expect(entries.slice(end - 2, end).toSorted()).toEqual(['secret:delete refused draining', 'secret:write done']);
  });

  it('ends as orderly if it gets it while it starts', async () => {
    const server = new Watched(deployment.server.configFile);
    await server.said('listening');
    server.signal(signal);
    expect(await server.exited()).toBe(0);
    expect(server.events.slice(-4)).toEqual(['started', 'draining', 'closed', 'stopped']);
  });
});

describe('a server that does not start', () => {
  const start = (...args: string[]): Promise<Finished> => runCommand(HOLDFAST, ['server', ...args]);

  function settings(name: string, text: string): string {
    const file = join(deployment.server.directory, name);
    writeFileSync(file, text);
    return file;
  }

  it('says how it is called, with exit code 2', async () => {
    for (const args of [['--nonsense'], ['--config'], ['start']]) {
      expect(await start(...args)).toEqual({ code: 2, stdout: '', stderr: 'holdfast: error: usage: holdfast server [--config FILE]\n' });
    }
  });

  it('says what is wrong with its settings, with exit code 1', async () => {
    const stderr = 'holdfast: error: there is no such setting\nholdfast: hint: trustDomian; did you mean trustDomain?\n';
    expect(await start('--config', settings('unknown.yaml', 'trustDomian: acme.internal\n'))).toEqual({ code: 1, stdout: '', stderr });
    expect(await start('--config', join(deployment.server.directory, 'missing.yaml'))).toMatchObject({ code: 1, stdout: '' });
  });

  it('says that another server has its directory or its port, with exit code 1, and leaves the other alone', async () => {
    const server = await serve();
    const ofAnother = await start('--config', deployment.server.configFile);
    expect(ofAnother).toMatchObject({ code: 1, stderr: expect.stringMatching(/^holdfast: error: the server does not start: /m) });

    const listeners = `{ probe: { port: ${deployment.server.ports.probe} }, operator: { port: 0 }, workload: { port: 0 } }`;
    const dataDir = join(deployment.server.directory, 'another');
    const onItsPort = settings('port.yaml', `trustDomain: acme.internal\ndataDir: ${dataDir}\nlisteners: ${listeners}\n`);
    expect(await start('--config', onItsPort)).toMatchObject({ code: 1, stderr: expect.stringContaining('EADDRINUSE') });

    expect(await isHealthy(deployment.server.ports.probe, 'ready')).toBe(true);
    server.signal('SIGTERM');
    expect(await server.exited()).toBe(0);
  });
});
