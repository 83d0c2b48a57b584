import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { TestAuthority, type TestCertificate } from '../../../test/support/certificates.ts';
import { portOf } from '../../../test/support/ports.ts';
import { isRefusedAddress } from './outbound-addresses.ts';
import { HttpsOutbound } from './outbound.ts';

const outbound = new HttpsOutbound();

let authority: TestAuthority;
let tls: TestCertificate;
beforeAll(async () => {
  authority = await TestAuthority.root('issuers');
  tls = await authority.server();
});

const servers: Server[] = [];
afterAll(() => servers.forEach((server) => server.close().closeAllConnections()));

async function serve(answer: RequestListener, { certificatePem: cert, privateKeyPem: key } = tls): Promise<string> {
  const server = createServer({ cert, key }, answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `https://127.0.0.1:${portOf(server)}`;
}

const refused = (hint: string): object => ({ code: 'issuer_unreachable', hint: expect.stringContaining(hint) });

describe('what goes out of the server', () => {
  it('brings a whole answer of whatever status', async () => {
    const url = await serve((request, response) => {
      response.writeHead(418, { 'content-type': 'text/plain' }).end(`${request.method} ${request.url}`);
    });
    const { status, headers, body } = await outbound.ask({ url: `${url}/a?b=c`, method: 'POST', body: 'x', ca: authority.pem });
    expect([status, headers['content-type'], body.toString()]).toEqual([418, 'text/plain', 'POST /a?b=c']);
  });

  it.each(['http://127.0.0.1/', 'https://user:secret@127.0.0.1/', 'file:///etc/passwd', 'nonsense', ''])('is not %j', async (url) => {
    await expect(outbound.ask({ url, ca: authority.pem })).rejects.toMatchObject(refused('https'));
  });

  it('D16: follows no redirect', async () => {
    const asked: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      asked.push(request.url);
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect(await outbound.ask({ url: `${url}/there`, ca: authority.pem })).toMatchObject({ status: 302 });
    expect(asked).toEqual(['/there']);
  });

  it.each([
    '169.254.169.254',
    '2852039166',
    '0xa9.0xfe.0xa9.0xfe',
    '0251.0376.0251.0376',
    '[fe80::1]',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
    '[fd00:ec2::254]',
    '100.100.100.200',
    '0.0.0.0',
    '0',
    '[::]',
    '255.255.255.255',
    '224.0.0.1',
  ])('D16: never connects to %s, whatever is pinned', async (host) => {
    await expect(outbound.ask({ url: `https://${host}/latest/meta-data`, ca: authority.pem })).rejects.toMatchObject(refused('address'));
  });

  it('connects to no name of loopback, and to no address of it, unless a CA is pinned', async () => {
    let asked = 0;
    const url = await serve((_, response) => void response.end(String((asked += 1))));
    for (const host of ['127.0.0.1', 'localhost', '127.1', '[::1]', '[::ffff:127.0.0.1]'])
      await expect(outbound.ask({ url: url.replace('127.0.0.1', host) })).rejects.toMatchObject(refused('address'));
    expect(asked).toBe(0);
    expect((await outbound.ask({ url, ca: authority.pem })).status).toBe(200);
  });

  it('allows the addresses of private networks and of others', () => {
    const allowed = ['10.0.0.1', '172.16.0.1', '192.168.1.1', '1.1.1.1', '2606:4700::1', 'fd12::1'];
    expect(allowed.filter((address) => isRefusedAddress(address, false))).toEqual([]);
    expect(isRefusedAddress('nonsense', true)).toBe(true);
  });

  it.each([
    ['another CA', async () => (await TestAuthority.root('issuers')).server()],
    ['another host', () => authority.server({ dns: ['elsewhere'], ips: ['127.0.0.2'] })],
    ['a host that is ours only after odd normalisation', () => authority.server({ dns: ['127.0.0.1', '127.0.0.1.'], ips: [] })],
    ['yesterday', () => authority.server({ notBefore: new Date(0), notAfter: new Date(1_000_000) })],
  ] as const)('C7, C31: refuses a certificate of %s', async (_, certificate) => {
    const url = await serve((_request, response) => void response.end(), await certificate());
    await expect(outbound.ask({ url, ca: authority.pem })).rejects.toMatchObject(refused('certificate'));
  });

  it('reads no more than 256 KiB, and waits no longer than it may', async () => {
    const endless = await serve((_, response) => {
      const more = (): void => void (response.write(Buffer.alloc(65_536)) ? setImmediate(more) : response.once('drain', more));
      response.on('error', () => undefined);
      more();
    });
    await expect(outbound.ask({ url: endless, ca: authority.pem })).rejects.toMatchObject(refused('256 KiB'));
    const impatient = new HttpsOutbound(50);
    const silent = await serve(() => undefined);
    await expect(impatient.ask({ url: silent, ca: authority.pem })).rejects.toMatchObject(refused('ten seconds'));
    const halting = await serve((_, response) => void response.writeHead(200, { 'content-length': '10' }).write('half'));
    await expect(impatient.ask({ url: halting, ca: authority.pem })).rejects.toMatchObject(refused('ten seconds'));
  });

  it('has no more than 32 requests under way', async () => {
    const held: (() => void)[] = [];
    const url = await serve((_, response) => void held.push(() => response.end()));
    const asked = Array.from({ length: 33 }, () =>
      outbound.ask({ url, ca: authority.pem }).then(
        ({ status }) => status,
        (error) => error.hint,
      ),
    );
    onTestFinished(() => held.forEach((end) => end()));
    expect(await asked[32]).toContain('too many');
    const release = setInterval(() => held.splice(0).forEach((end) => end()), 5);
    expect(new Set(await Promise.all(asked.slice(0, 32)))).toEqual(new Set([200]));
    clearInterval(release);
  });
});
