import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { residentMiB } from '../bench/processes.ts';
import { Deployment } from '../support/deployment.ts';
import type { Workload } from '../support/first-steps.ts';
import { API } from '../support/loopback.ts';
import type { WireClient } from '../support/wire-client.ts';
import { message } from './wire.ts';

const MIB = 2 ** 20;
const PATHS = Array.from({ length: 1_000 }, (_, at) => `slow/${String(at).padStart(4, '0')}`);
/** Bundles of all that, so that the log is long enough. */
const BUNDLES = 150;
const BODY = JSON.stringify({ paths: PATHS });

/**
 * Both are larger than what the kernel keeps of a connection whose other end does not read, so that the server is left with the rest. An
 * export is made as it is read: it may cost a part of its length. A bundle is made whole before its entries are written, and leaves in pieces:
 * it costs its length, and all of them together no more than the server's budget.
 */
const ANSWERS = [
  {
    what: 'an export',
    request: message(`GET ${API}/audit/entries HTTP/1.1`, ['Host: localhost']),
    least: 48 * MIB,
    readers: 16,
    most: (whole: number) => 8 * whole,
  },
  {
    what: 'a bundle',
    request: message(
      `POST ${API}/bundle HTTP/1.1`,
      ['Host: localhost', 'Content-Type: application/json', `Content-Length: ${BODY.length}`],
      BODY,
    ),
    least: 7 * MIB,
    readers: 40,
    most: () => 200 * MIB,
  },
] as const;

const directory = mkdtempSync(join(tmpdir(), 'holdfast-slow-'));
let deployment: Deployment;
let workload: Workload;
let client: WireClient;
/** Another workload, with the same rights. */
let other: WireClient;

beforeAll(async () => {
  deployment = await Deployment.create(directory, 'slow.test');
  workload = await deployment.enrol('reader');
  client = deployment.workload(workload);
  const another = await deployment.enrol('another');
  other = deployment.workload(another);
  const rules = [
    { allow: ['secret:read'], on: 'slow/**' },
    { allow: ['secret:write'], on: 'slow/**' },
    { allow: ['audit:export'], on: '**' },
  ];
  await deployment.applyRole({ role: 'slow', rules, bind: [workload.spiffeId, another.spiffeId] });
  const data = { value: 'v'.repeat(8 * 1024) };
  for (let at = 0; at < PATHS.length; at += 50) {
    await Promise.all(PATHS.slice(at, at + 50).map((path) => client.must('PUT', `${API}/secrets/${path}`, { data })));
  }
  for (let at = 0; at < BUNDLES; at += 1) await client.must('POST', `${API}/bundle`, { paths: PATHS });
});
afterAll(async () => {
  client.close();
  other.close();
  await deployment.server.stop();
  rmSync(directory, { recursive: true });
});

describe('H19: many who ask and do not read', () => {
  it.each(ANSWERS)(
    '$what: the server holds no more of it than it must, and serves everybody else',
    async ({ request, least, readers, most }) => {
      const whole = await wholeLength(request);
      expect(whole).toBeGreaterThan(least);
      const before = await residentMiB(deployment.server.pid);
      const idlers = await Promise.all(Array.from({ length: readers }, () => askAndNotRead(request)));
      const memory: number[] = [];
      for (const path of PATHS.slice(0, 300)) {
        await client.must('GET', `${API}/secrets/${path}`);
        memory.push(await residentMiB(deployment.server.pid));
      }
      expect(idlers.filter(({ bytesRead }) => bytesRead > whole / 4)).toEqual([]);
      expect(Math.max(...memory) - before).toBeLessThan(most(whole) / MIB);
      expect((await other.must<{ items: object[] }>('POST', `${API}/bundle`, { paths: PATHS })).items).toHaveLength(PATHS.length);
      for (const idler of idlers) idler.destroy();
    },
  );
});

/** How long the answer is for somebody who reads it. */
async function wholeLength(request: string): Promise<number> {
  const socket = await open();
  socket.on('data', () => undefined);
  socket.write(request.replace('Host: localhost', 'Host: localhost\r\nConnection: close'));
  await once(socket, 'close');
  return socket.bytesRead;
}

/** Nobody listens for data, so Node takes a little and then leaves the rest where it is. */
async function askAndNotRead(request: string): Promise<TLSSocket> {
  const socket = await open();
  socket.write(request);
  return socket;
}

async function open(): Promise<TLSSocket> {
  const { cert, key } = workload;
  const socket = connect({ host: '127.0.0.1', port: deployment.server.ports.workload, ca: deployment.trustBundle, cert, key });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}
