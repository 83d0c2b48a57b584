import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestAuthority, type TestCertificate } from '../support/certificates.ts';
import { Installation } from '../support/installation.ts';
import { API, TRUST_DOMAIN } from '../support/loopback.ts';
import { answersIn, RawConnection } from '../support/raw-connection.ts';

const SECRET = `${API}/secrets/shop/db`;

const directory = mkdtempSync(join(tmpdir(), 'holdfast-'));
const tls = { certificate: join(directory, 'tls.crt'), key: join(directory, 'tls.key') };
let pki: TestAuthority;
let installation: Installation;
let first: TestCertificate;

beforeAll(async () => {
  pki = await TestAuthority.root('another PKI');
  first = await pki.server();
  write(first);
  mkdirSync(join(directory, 'server/data/tls'), { recursive: true });
  writeFileSync(join(directory, 'server/data/tls/ca.crt'), pki.pem);
  installation = await Installation.create(join(directory, 'server'), { settings: { tls } });
  await installation.grant('shop-owner', 'operator:admin', { allow: ['secret:*'], on: 'shop/**' });
  await installation.admin().must('PUT', SECRET, { data: { a: '1' } });
});

afterAll(async () => {
  await installation.stop();
  rmSync(directory, { recursive: true });
});

function write({ certificatePem, privateKeyPem }: TestCertificate): void {
  writeFileSync(tls.certificate, certificatePem);
  writeFileSync(tls.key, privateKeyPem);
}

/** The certificate that a listener shows to whoever connects now. */
async function shown(port = 0): Promise<string | undefined> {
  const socket = connect({ host: '127.0.0.1', port, ca: pki.pem, servername: 'localhost' });
  await once(socket, 'secureConnect');
  const fingerprint = socket.getPeerX509Certificate()?.fingerprint256;
  socket.destroy();
  return fingerprint;
}

function shownByBoth(): Promise<(string | undefined)[]> {
  const { workload, operator } = installation.server;
  return Promise.all([shown(workload?.port), shown(operator.port)]);
}

function twice({ certificate }: TestCertificate): string[] {
  return [certificate.fingerprint256, certificate.fingerprint256];
}

describe("the server's certificate of another PKI", () => {
  it('is what both listeners show, and init and unsealing put none of their own in its place', async () => {
    expect(await shownByBoth()).toEqual(twice(first));
  });

  it('is replaced while connections are open and in use, and none of them is dropped', async () => {
    const id = `spiffe://${TRUST_DOMAIN}/reader`;
    await installation.grant('reader', id, { allow: ['secret:read'], on: 'shop/**' });
    const credential = await installation.enrol(id);
    const port = installation.server.workload?.port ?? 0;
    const readers = await Promise.all(Array.from({ length: 10 }, () => RawConnection.open(port, pki.pem, credential)));
    const traffic = new AbortController();
    const all = readers.map(async (reader) => {
      let count = 0;
      while (!traffic.signal.aborted || count < 3) {
        reader.ask('GET', SECRET);
        await reader.answered(++count);
      }
      return answersIn(reader.received).map(({ status }) => status);
    });
    for (let round = 0; round < 5; round += 1) {
      const next = await pki.server();
      write(next);
      await installation.server.reload();
      expect(await shownByBoth()).toEqual(twice(next));
    }
    traffic.abort();
    const statuses = (await Promise.all(all)).flat();
    expect(new Set(statuses)).toEqual(new Set([200]));
    for (const reader of readers) reader[Symbol.dispose]();
  });

  it('stays while its files do not fit together, and goes when they do', async () => {
    const [before] = await shownByBoth();
    const next = await pki.server();
    writeFileSync(tls.certificate, next.certificatePem);
    await installation.server.reload();
    expect(await shownByBoth()).toEqual([before, before]);
    writeFileSync(tls.key, next.privateKeyPem);
    await installation.server.reload();
    expect(await shownByBoth()).toEqual(twice(next));
  });

  it('is watched: an operator sees when it ends, a stranger does not, and the metrics count down', async () => {
    const status = `${API}/system/status`;
    const { expiries } = await installation.admin().must<{ expiries: { kind: string; due: boolean }[] }>('GET', status);
    expect(expiries.map(({ kind, due }) => `${kind} ${due}`)).toEqual(['server_certificate false', 'issuing_ca false']);
    expect(JSON.parse((await installation.operator().send('GET', status)).body)).toEqual({ sealed: false, version: expect.any(String) });
    const { body } = await installation.probe('/metrics');
    expect(body).toMatch(/^holdfast_expiry_seconds{kind="server_certificate"} 8\d{4}/m);
    expect(body).toMatch(/^holdfast_expiry_seconds{kind="issuing_ca"} \d{9}/m);
  });
});
