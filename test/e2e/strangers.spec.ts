import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectPlainly } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { entriesIn } from '../support/audit-export.ts';
import { Installation } from '../support/installation.ts';
import { API, PASSWORD } from '../support/loopback.ts';
import { message } from './wire.ts';

const KIB = 1024;
const PASSPHRASE = 'a passphrase for loopback only';
const WRONG = 'another password of this length';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-strangers-'));
let installation: Installation;
const sockets: TLSSocket[] = [];
beforeAll(async () => {
  installation = await Installation.create(directory, { passphrase: PASSPHRASE });
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(async () => {
  await installation.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** A connection of somebody without a certificate, from an address of loopback of their own. */
async function stranger(localAddress = '127.0.0.66'): Promise<{ readonly socket: TLSSocket; answers(): readonly number[] }> {
  const { trustBundle: ca } = installation.initialized;
  const { port } = installation.server.operator;
  const socket = connect({ socket: connectPlainly({ host: '127.0.0.1', port, localAddress }), servername: 'localhost', ca });
  sockets.push(socket);
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    socket.once('secureConnect', resolve);
    socket.once('close', resolve);
  });
  return { socket, answers: () => [...received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status)) };
}

function post(path: string, body: object | string, length?: number): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = ['Host: localhost', 'Content-Type: application/json', `Content-Length: ${length ?? text.length}`];
  return message(`POST ${API}${path} HTTP/1.1`, headers, text);
}

async function closed({ socket }: { readonly socket: TLSSocket }): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

async function seal(): Promise<void> {
  await installation.admin().must('POST', `${API}/system/seal`, {});
}

describe('A stranger', () => {
  it.each([
    ['/session', 16],
    ['/certificates', 96],
    ['/system/init', 64],
    ['/system/unseal', 16],
  ])('sends %s no more than %d KiB, and hears it before sending', async (path, limit) => {
    const sender = await stranger();
    sender.socket.write(post(path, '{', limit * KIB + 1));
    await closed(sender);
    expect(sender.answers()).toEqual([413]);
  });

  it('sends no more in chunks either, however small', async () => {
    const sender = await stranger();
    const headers = ['Host: localhost', 'Content-Type: application/json', 'Transfer-Encoding: chunked'];
    sender.socket.write(message(`POST ${API}/session HTTP/1.1`, headers, '1\r\n \r\n'.repeat(16 * KIB + 1)));
    await closed(sender);
    expect(sender.answers()).toEqual([413]);
  });

  it('takes no room with bodies that broke off', async () => {
    for (let batch = 0; batch < 8; batch += 1) {
      const senders = await Promise.all(Array.from({ length: 50 }, () => stranger('127.0.0.67')));
      for (const { socket } of senders) socket.write(post('/certificates', '{', 96 * KIB));
      for (const { socket } of senders) socket.destroy();
      await Promise.all(senders.map(closed));
    }
    const last = await stranger('127.0.0.67');
    last.socket.write(post('/certificates', '{', 2));
    last.socket.end();
    await closed(last);
    expect(last.answers()).not.toContain(429);
  });

  it('takes room for 32 MiB of bodies at a time with others, and what is beyond is refused', async () => {
    const open = async (from: string): Promise<Awaited<ReturnType<typeof stranger>>> => {
      const sender = await stranger(from);
      sender.socket.write(post('/certificates', '{', 96 * KIB));
      return sender;
    };
    const first = await Promise.all(Array.from({ length: 200 }, () => open('127.0.0.71')));
    const second = await Promise.all(Array.from({ length: 200 }, () => open('127.0.0.72')));
    const refused = (): number => [...first, ...second].filter((sender) => sender.answers().includes(429)).length;
    await expect.poll(refused).toBe(400 - Math.floor((32 * KIB) / 96));
    for (const { socket } of [...first, ...second]) socket.destroy();
    await Promise.all([...first, ...second].map(closed));
    await expect
      .poll(async () => (await installation.operator().send('POST', `${API}/session`, { name: 'x', password: WRONG })).status)
      .toBe(401);
  });

  it('holds 256 connections from one address, and keeps nobody else out', async () => {
    const held = await Promise.all(Array.from({ length: 300 }, () => stranger('127.0.0.73')));
    expect(held.filter(({ socket }) => socket.closed).length).toBe(300 - 256);
    expect((await installation.operator().send('GET', `${API}/system/status`)).status).toBe(200);
  });

  it('who sends on without waiting for answers is dropped, and is in the log', async () => {
    const sender = await stranger('127.0.0.74');
    sender.socket.write(post('/session', { name: 'alice', password: WRONG }).repeat(1_000));
    await closed(sender);
    expect(sender.answers().length).toBeLessThan(33);
    await expect
      .poll(async () =>
        entriesIn(await installation.exportedLog()).filter(({ peer, code }) => peer === '127.0.0.74' && code === 'too_many_requests'),
      )
      .not.toEqual([]);
  });
});

// Fifteen tries are free; then each waits twice as long as the one before, so that no machine is slow enough for ten more.
describe('An operator', () => {
  it('signs in while strangers send the passwords of made-up names', async () => {
    const senders = await Promise.all(Array.from({ length: 20 }, () => stranger('127.0.0.75')));
    for (const [at, { socket }] of senders.entries()) {
      for (let name = 0; name < 30; name += 1) socket.write(post('/session', { name: `n${at}x${name}`, password: WRONG }));
    }
    const answer = await installation.operator().send('POST', `${API}/session`, { name: 'admin', password: PASSWORD });
    expect(answer.status).toBe(201);
    await expect.poll(() => senders.flatMap((sender) => sender.answers()).length).toBe(600);
    expect(senders.flatMap((sender) => sender.answers()).filter((status) => status === 401).length).toBeLessThan(25);
  });

  it('unseals while strangers guess', async () => {
    await seal();
    const sender = await stranger('127.0.0.76');
    for (let at = 0; at < 30; at += 1) sender.socket.write(post('/system/unseal', { slot: 'passphrase', passphrase: `guess ${at}` }));
    const answer = await installation.operator().send('POST', `${API}/system/unseal`, { slot: 'passphrase', passphrase: PASSPHRASE });
    expect(answer.status).toBe(200);
    await expect.poll(() => sender.answers().length).toBe(30);
    expect(sender.answers().filter((status) => status === 401).length).toBeLessThan(25);
  });
});
