import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { createKeyring } from '#keys';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { temporaryDirectory } from '../../../test/support/temp-dir.ts';
import { Log } from './log.ts';
import { ServerCertificate } from './server-certificate.ts';

const DAY = 86_400_000;

function scene(serverNames = ['localhost', '127.0.0.1']) {
  const dataDir = temporaryDirectory();
  const clock = new FakeClock();
  const make = (names = serverNames) =>
    new ServerCertificate(
      { dataDir, serverNames: names, tls: { certificate: undefined, key: undefined } },
      clock,
      new Log('error', new Writable()),
    );
  const file = (name: string) => readFileSync(join(dataDir, 'tls', name), 'utf8');
  return { dataDir, clock, make, file };
}

describe("the server's certificate", () => {
  it('is made at the first start, for the names of the settings, and signed by what ca.crt holds', async () => {
    const { make, file, dataDir } = scene();
    const { certificate } = await make().load();
    const leaf = new X509Certificate(certificate);
    expect(leaf.verify(new X509Certificate(file('ca.crt')).publicKey)).toBe(true);
    expect([leaf.checkHost('localhost'), leaf.checkIP('127.0.0.1'), leaf.checkHost('elsewhere')]).toEqual([
      'localhost',
      '127.0.0.1',
      undefined,
    ]);
    for (const name of ['server.key', 'server.crt', 'ca.crt']) expect(statSync(join(dataDir, 'tls', name)).mode & 0o777).toBe(0o600);
  });

  it('stays over a restart, and its key over a lost or spoiled certificate', async () => {
    const { make, dataDir } = scene();
    const first = await make().load();
    expect(await make().load()).toEqual(first);
    writeFileSync(join(dataDir, 'tls/server.crt'), 'spoiled');
    const second = await make().load();
    expect(second.key).toBe(first.key);
    expect(second.certificate).not.toBe(first.certificate);
  });

  it('stays while the clock is before its beginning, since whoever keeps its CA is to unseal, and goes when it has ended', async () => {
    const { make, file, clock } = scene();
    const first = await make().load();
    const authority = file('ca.crt');
    clock.advance(-DAY);
    const warn = vi.spyOn(Log.prototype, 'warn');
    expect(await make().load()).toEqual(first);
    expect(file('ca.crt')).toBe(authority);
    expect(warn).toHaveBeenCalledExactlyOnceWith('clock_behind', { from: expect.stringMatching(/Z$/) });
    clock.advance(32 * DAY);
    expect((await make().load()).certificate).not.toBe(first.certificate);
  });

  it('is made anew when a crash left it beside the CA of another', async () => {
    const [one, other] = [scene(), scene()];
    const { certificate } = await one.make().load();
    await other.make().load();
    writeFileSync(join(one.dataDir, 'tls/ca.crt'), other.file('ca.crt'));
    expect((await one.make().load()).certificate).not.toBe(certificate);
  });

  it('is replaced by one of the issuing CA at the first unsealing, and then kept', async () => {
    const { make, file, clock } = scene();
    const certificate = make();
    await certificate.load();
    const replaced = vi.fn<() => void>();
    certificate.onReplaced(replaced);
    const { keyring } = await createKeyring('acme.internal', clock);
    await certificate.unsealed(keyring);
    await certificate.unsealed(keyring);
    await certificate.sealing();
    expect(replaced).toHaveBeenCalledOnce();
    expect(file('ca.crt')).toBe(keyring.issuing.certificatePem);
    expect(new X509Certificate(certificate.identity.certificate).verify(new X509Certificate(file('ca.crt')).publicKey)).toBe(true);
  });

  it('renews itself when a third of its life is left, and for names that are new', async () => {
    const { make, clock } = scene();
    const { keyring } = await createKeyring('acme.internal', clock);
    const certificate = make();
    await certificate.load();
    const serialAfterUnseal = async (of = certificate) => {
      await of.unsealed(keyring);
      await of.sealing();
      return new X509Certificate(of.identity.certificate).serialNumber;
    };
    const first = await serialAfterUnseal();
    clock.advance(19 * DAY);
    expect(await serialAfterUnseal()).toBe(first);
    clock.advance(2 * DAY);
    const second = await serialAfterUnseal();
    expect(second).not.toBe(first);
    const renamed = make(['holdfast.internal']);
    await renamed.load();
    expect(await serialAfterUnseal(renamed)).not.toBe(second);
  });
});
