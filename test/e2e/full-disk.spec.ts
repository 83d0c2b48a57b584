import { symlinkSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { join } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import { Log } from '../../apps/server/src/log.ts';
import { Installation } from '../support/installation.ts';
import { skipFor } from '../support/absent.ts';
import { API, TRUST_DOMAIN } from '../support/loopback.ts';
import { SmallDisk } from '../support/small-disk.ts';
import { temporaryDirectory } from '../support/temp-dir.ts';
import type { WireAnswer, WireClient } from '../support/wire-client.ts';

const READER = `spiffe://${TRUST_DOMAIN}/ns/shop/sa/web`;
const SECRET = `${API}/secrets/shop/db`;
const VALUE = 'CANARY-the-value-itself';

/** A server on a disk of its own, a workload that reads its one secret, what it logs, and whether it has given up. */
interface Scene extends AsyncDisposable {
  readonly disk: SmallDisk;
  readonly installation: Installation;
  readonly reader: WireClient;
  readonly admin: WireClient;
  readonly log: () => readonly { readonly level: string; readonly event: string; readonly code?: string }[];
  readonly fatal: () => number;
}

async function setUp(context: TestContext): Promise<Scene> {
  const disk = diskOrReason();
  if (typeof disk === 'string') return skipFor(`no small disk can be mounted here: ${disk}`, context);
  const output = new PassThrough();
  const lines: string[] = [];
  output.on('data', (line: Buffer) => lines.push(String(line)));
  let fatal = 0;
  const overrides = { log: new Log('info', output), fatal: (): void => void fatal++ };
  const home = temporaryDirectory();
  symlinkSync(disk.path, join(home, 'data'));
  const installation = await Installation.create(home, { overrides });
  await installation.grant('shop-owner', 'operator:admin', { allow: ['secret:*'], on: 'shop/**' });
  await installation.grant('shop-reader', READER, { allow: ['secret:read'], on: 'shop/**' });
  const admin = installation.admin();
  await admin.must('PUT', SECRET, { data: { password: VALUE } });
  const reader = installation.workload(await installation.enrol(READER));
  return {
    disk,
    installation,
    reader,
    admin,
    log: () => lines.splice(0).map((line) => JSON.parse(line)),
    fatal: () => fatal,
    async [Symbol.asyncDispose]() {
      // What was refused last may not find its way into the log.
      await installation.stop().catch(() => undefined);
      disk[Symbol.dispose]();
    },
  };
}

function diskOrReason(): SmallDisk | string {
  try {
    return SmallDisk.mount(temporaryDirectory());
  } catch (error) {
    return error instanceof Error ? error.message : 'for no reason';
  }
}

/** Reads until that is refused, which may take as long as what is left of the file's last block lasts. */
async function readUntilRefused(reader: WireClient): Promise<{ readonly delivered: number; readonly refusal: WireAnswer }> {
  for (let delivered = 0; delivered < 1_000; delivered++) {
    const refusal = await reader.send('GET', SECRET);
    if (refusal.status !== 200) return { delivered, refusal };
  }
  throw new Error('the server goes on reading');
}

it('on a full disk nothing is given out and nothing changes; the server says why, and goes on once there is room', async (context) => {
  await using scene = await setUp(context);
  const { disk, installation, reader, admin, log } = scene;
  expect((await reader.send('GET', SECRET)).body).toContain(VALUE);
  expect((await installation.probe('/metrics')).body).toContain('\nholdfast_storage_writable 1\n');
  log();

  disk.fill();
  expect(disk.free).toBeLessThan(65_536);
  const { delivered, refusal } = await readUntilRefused(reader);
  expect(JSON.parse(refusal.body)).toMatchObject({ status: 503, code: 'storage_unavailable', hint: 'disk_full' });
  const refusals = [
    await reader.send('GET', SECRET),
    await reader.send('POST', `${API}/bundle`, {}),
    await admin.send('GET', `${API}/secrets?recursive=true`),
    await admin.send('GET', `${SECRET}:versions`),
    await admin.send('PUT', SECRET, { data: { password: 'CANARY-another' } }),
    await admin.send('DELETE', SECRET),
    await admin.send('GET', `${API}/audit/entries`),
    await admin.send('PUT', `${API}/roles/another`, { role: 'another', rules: [], bind: [] }),
  ];
  expect(refusals.map(({ status }) => status)).toEqual(refusals.map(() => 503));
  for (const { body } of [refusal, ...refusals]) expect(body).not.toContain('CANARY');
  expect((await installation.probe('/metrics')).body).toContain('\nholdfast_storage_writable 0\n');
  expect(log()).toEqual([expect.objectContaining({ level: 'error', event: 'storage_unavailable', code: 'disk_full' })]);

  disk.empty();
  expect((await reader.send('GET', SECRET)).body).toContain(VALUE);
  expect((await admin.must<{ version: number }>('PUT', SECRET, { data: { password: VALUE } })).version).toBe(2);
  expect((await installation.probe('/metrics')).body).toContain('\nholdfast_storage_writable 1\n');
  expect(log()).toEqual([expect.objectContaining({ event: 'storage_recovered' })]);
  expect(scene.fatal()).toBe(0);
  const reads = (await installation.entries()).filter(({ action, outcome }) => action === 'secret:read' && outcome === 'released');
  expect(reads).toHaveLength(1 + delivered + 1);
});

it('a disk that can only be read any more gives out nothing, and what was acknowledged is there when it is repaired', async (context) => {
  await using scene = await setUp(context);
  const { disk, installation, reader, admin, log } = scene;
  expect((await reader.send('GET', SECRET)).body).toContain(VALUE);
  log();

  disk.fail();
  const { delivered, refusal } = await readUntilRefused(reader);
  const refusals = [refusal, await reader.send('GET', SECRET), await admin.send('PUT', SECRET, { data: { password: 'CANARY-another' } })];
  for (const { status, body } of refusals) {
    expect(JSON.parse(body)).toMatchObject({ code: 'storage_unavailable' });
    expect(status).toBe(503);
    expect(body).not.toContain('CANARY');
  }
  // After an I/O error at COMMIT the process ends, as `serve` lets it; without one the log says why it goes on in vain.
  const said = log().map(({ event }) => event);
  expect(scene.fatal() === 1 || said.includes('storage_unavailable')).toBe(true);

  await expect(installation.stop()).rejects.toThrow();
  disk.remount();
  await installation.start();
  expect((await installation.admin().send('GET', SECRET)).body).toContain(VALUE);
  const reads = (await installation.entries()).filter(({ caller, outcome }) => caller.id === READER && outcome === 'released');
  expect(reads).toHaveLength(1 + delivered);
});

it('a disk that can only be read from the start is refused', async (context) => {
  await using scene = await setUp(context);
  await scene.installation.stop();
  scene.disk.fail();
  await expect(scene.installation.start()).rejects.toMatchObject({ code: 'file_unavailable' });
});
