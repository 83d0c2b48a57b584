import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Installation } from '../support/installation.ts';
import { API } from '../support/loopback.ts';

const STATUS = `GET ${API}/system/status HTTP/1.1`;
const PUT = `PUT ${API}/secrets/a/b HTTP/1.1\r\nHost: a\r\nContent-Type: application/json`;

/** Bytes that two parsers could read in two ways (RFC 9112, section 11.2), or that ask for what is not spoken here. */
const AMBIGUOUS: readonly (readonly [string, string])[] = [
  ['a length and chunks', `${PUT}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['chunks and a length', `${PUT}\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n`],
  ['two lengths', `${PUT}\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
  ['the same length twice', `${PUT}\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}`],
  ['a list of lengths', `${PUT}\r\nContent-Length: 2, 2\r\n\r\n{}`],
  ['a signed length', `${PUT}\r\nContent-Length: +2\r\n\r\n{}`],
  ['a length in hex', `${PUT}\r\nContent-Length: 0x2\r\n\r\n{}`],
  ['a negative length', `${PUT}\r\nContent-Length: -2\r\n\r\n{}`],
  ['chunked twice', `${PUT}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['chunked, chunked', `${PUT}\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`],
  ['an unknown coding', `${PUT}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ['a coding after chunked', `${PUT}\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
  ['identity', `${PUT}\r\nTransfer-Encoding: identity\r\n\r\n`],
  ['a coding with a vertical tab', `${PUT}\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`],
  ['a space before the colon', `${STATUS}\r\nHost : a\r\n\r\n`],
  ['a coding with a space before the colon', `${PUT}\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
  ['a folded header', `${STATUS}\r\nHost: a\r\nX: b\r\n c\r\n\r\n`],
  ['a folded first header', `${STATUS}\r\n Host: a\r\n\r\n`],
  ['a NUL in a header', `${STATUS}\r\nHost: a\r\nX: b\0\r\n\r\n`],
  ['a bare CR in a header', `${STATUS}\r\nHost: a\r\nX: b\rY: c\r\n\r\n`],
  ['bare LFs', `GET ${API}/system/status HTTP/1.1\nHost: a\n\n`],
  ['a bare LF after a header', `${STATUS}\r\nHost: a\nX: b\r\n\r\n`],
  ['a header without a name', `${STATUS}\r\nHost: a\r\n: b\r\n\r\n`],
  ['a header without a colon', `${STATUS}\r\nHost: a\r\nX\r\n\r\n`],
  ['no host', `${STATUS}\r\n\r\n`],
  ['two hosts', `${STATUS}\r\nHost: a\r\nHost: b\r\n\r\n`],
  ['the same host twice', `${STATUS}\r\nHost: a\r\nHost: a\r\n\r\n`],
  ['an absolute target', `GET https://a${API}/system/status HTTP/1.1\r\nHost: a\r\n\r\n`],
  ['a target without a slash', `GET ${API.slice(1)}/system/status HTTP/1.1\r\nHost: a\r\n\r\n`],
  ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a fragment', `GET ${API}/system/status#x HTTP/1.1\r\nHost: a\r\n\r\n`],
  ['a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['version 1.0', `GET ${API}/system/status HTTP/1.0\r\nHost: a\r\n\r\n`],
  ['version 1.2', `GET ${API}/system/status HTTP/1.2\r\nHost: a\r\n\r\n`],
  ['no version', `GET ${API}/system/status\r\n\r\n`],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['an upgrade', `${STATUS}\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
  [
    'an upgrade to HTTP/2',
    `${STATUS}\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`,
  ],
  ['a body where none belongs', `${STATUS}\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}`],
  ['an unknown expectation', `${STATUS}\r\nHost: a\r\nExpect: magic\r\n\r\n`],
  ['no HTTP at all', '\x16\x03\x01 hello\r\n\r\n'],
];

const directory = mkdtempSync(join(tmpdir(), 'holdfast-raw-'));
let installation: Installation;
beforeAll(async () => {
  installation = await Installation.create(directory);
});
afterAll(async () => {
  await installation.stop();
  rmSync(directory, { recursive: true, force: true });
});

function open(options: ConnectionOptions = {}): TLSSocket {
  const { trustBundle: ca } = installation.initialized;
  return connect({ host: '127.0.0.1', servername: 'localhost', port: installation.server.operator.port, ca, ...options });
}

/** Everything that comes back until the server closes the connection. */
function untilClosed(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = open();
    let received = '';
    socket.on('secureConnect', () => socket.write(bytes, 'latin1'));
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });
}

async function refusals(): Promise<number> {
  const entries = await installation.entries();
  return entries.filter((entry) => entry.outcome === 'refused').reduce((sum, entry) => sum + (entry.count ?? 1), 0);
}

describe('an ambiguous request', () => {
  it.each(AMBIGUOUS)('(%s) gets one problem, and then nothing more is read', async (_name, bytes) => {
    // What is smuggled behind it must not be answered.
    const received = await untilClosed(`${bytes}${STATUS}\r\nHost: a\r\n\r\n`);
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expect(received.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    expect(received).toMatch(/\r\nconnection: close\r\n/i);
    for (const header of ['cache-control: no-store', 'x-content-type-options: nosniff', 'content-security-policy: ']) {
      expect(received).toContain(header);
    }
    expect(received).not.toMatch(/\r\n(server|x-powered-by):/i);
    expect(JSON.parse(received.slice(received.indexOf('\r\n\r\n')))).toMatchObject({
      status: 400,
      code: expect.stringMatching(/^malformed_/),
    });
  });

  it('whose head is in order is answered by its head, however its body breaks off', async () => {
    const received = await untilClosed(`${PUT}\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n${STATUS}\r\nHost: a\r\n\r\n`);
    expect(received).toMatch(/^HTTP\/1\.1 401 /);
    expect(received.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
  });

  it('is in the log, each of them once', async () => {
    // What was counted is entered before the log closes.
    await installation.stop();
    await installation.start();
    expect(await refusals()).toBe(AMBIGUOUS.length + 1);
  });
});

describe('the listeners', () => {
  it('speak HTTP/1.1 over TLS 1.3 and nothing else', async () => {
    const protocol = (options: ConnectionOptions) =>
      new Promise<string | false | null>((resolve) => {
        const socket = open(options);
        socket.on('secureConnect', () => {
          resolve(socket.alpnProtocol);
          socket.destroy();
        });
        socket.on('error', () => resolve('refused'));
      });
    expect(await protocol({ ALPNProtocols: ['h2', 'http/1.1'] })).toBe('http/1.1');
    expect(await protocol({ ALPNProtocols: ['h2'] })).toBe('refused');
    expect(await protocol({ maxVersion: 'TLSv1.2' })).toBe('refused');
  });

  it('resume no session', async () => {
    const session = await new Promise<Buffer | undefined>((resolve) => {
      const socket = open();
      socket.on('session', (ticket: Buffer) => resolve(ticket));
      socket.on('close', () => resolve(undefined));
      socket.on('data', () => socket.end());
      socket.on('secureConnect', () => socket.write(`${STATUS}\r\nHost: a\r\nConnection: close\r\n\r\n`));
    });
    const reused = await new Promise<boolean>((resolve, reject) => {
      const socket = open({ session });
      socket.on('secureConnect', () => {
        resolve(socket.isSessionReused());
        socket.destroy();
      });
      socket.on('error', reject);
    });
    expect(session).toBeInstanceOf(Buffer);
    expect(reused).toBe(false);
  });
});
