import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Installation } from '../support/installation.ts';
import { API } from '../support/loopback.ts';
import { portOf } from '../support/ports.ts';
import { Random } from '../crash/random.ts';

const MUTATIONS = 500;
const AT_ONCE = 20;
const SEED = Number(process.env.HELLO_SEED ?? Date.now() % 1_000_000);

const directory = mkdtempSync(join(tmpdir(), 'holdfast-hello-'));
let installation: Installation;
beforeAll(async () => {
  installation = await Installation.create(directory);
});
afterAll(async () => {
  await installation.stop();
  rmSync(directory, { recursive: true });
});

describe.each(['workload', 'operator'] as const)(`H10: the %s listener (HELLO_SEED=${SEED})`, (listener) => {
  it(`survives ${MUTATIONS} broken hellos and serves others meanwhile`, async () => {
    const random = new Random(SEED);
    const hello = await trueHello();
    const port = installation.server[listener]?.port ?? 0;
    expect((await firstBytes(port, hello))[0]).toBe(HANDSHAKE); // what is sent whole is answered
    const others = installation.operator();
    const answered = new Set<number>();
    for (let sent = 0; sent < MUTATIONS; sent += AT_ONCE) {
      const hellos = Array.from({ length: AT_ONCE }, () => mutated(hello, random));
      const answers = hellos.map((bytes) => firstBytes(port, bytes));
      expect((await others.send('GET', `${API}/system/status`)).status).toBe(200);
      for (const [type = NOTHING] of await Promise.all(answers)) answered.add(type);
    }
    expect([...answered].filter((type) => ![HANDSHAKE, ALERT, NOTHING].includes(type))).toEqual([]);
    expect(answered).toContain(ALERT); // some were broken where it matters
    expect((await installation.admin().send('GET', `${API}/roles`)).status).toBe(200);
  });
});

/** Types of TLS records (RFC 8446, section 5.1). */
const ALERT = 21;
const HANDSHAKE = 22;
const NOTHING = -1;

/** The first bytes of Node's own client, as it sends them. */
async function trueHello(): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connectTls({ host: '127.0.0.1', port: portOf(server), servername: 'localhost', ALPNProtocols: ['http/1.1'] });
  client.on('error', () => undefined);
  const [socket]: Socket[] = await once(server, 'connection');
  const [bytes]: Buffer[] = await once(socket as Socket, 'data');
  client.destroy();
  server.close();
  return bytes as Buffer;
}

/** One to four of: a bit turned, a byte set, a piece cut out, a piece doubled, a length at its limit, the end missing. */
function mutated(hello: Buffer, random: Random): Buffer {
  let bytes = hello;
  const times = random.between(1, 4);
  for (let time = 0; time < times; time += 1) bytes = random.pick(MUTATORS)(bytes, random.between(0, bytes.length - 1), random);
  return bytes;
}

type Mutator = (bytes: Buffer, at: number, random: Random) => Buffer;
const MUTATORS: readonly Mutator[] = [
  (bytes, at, random) => withByte(bytes, at, (byte) => byte ^ (1 << random.between(0, 7))),
  (bytes, at, random) => withByte(bytes, at, () => random.between(0, 255)),
  (bytes, at, random) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.between(1, 16))]),
  (bytes, at, random) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + random.between(1, 64)), bytes.subarray(at)]),
  (bytes, at) =>
    withByte(
      withByte(bytes, at, () => 0xff),
      Math.min(at + 1, bytes.length - 1),
      () => 0xff,
    ),
  (bytes, at) => bytes.subarray(0, Math.max(1, at)),
];

function withByte(bytes: Buffer, at: number, change: (byte: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = change(copy[at] ?? 0);
  return copy;
}

/** Sends bytes and nothing more; what comes back before the other side closes. */
async function firstBytes(port: number, bytes: Buffer): Promise<Buffer> {
  const socket = connect({ host: '127.0.0.1', port });
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  socket.on('error', () => undefined);
  socket.end(bytes);
  await once(socket, 'close');
  return Buffer.concat(received);
}
