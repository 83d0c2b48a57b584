import 'reflect-metadata';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, type KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepCertificate, nextKey, readWorkloadFiles } from './workload-files.ts';

interface Issued {
  readonly key: string;
  readonly chain: string;
  readonly trustBundle: string;
}

const NAMES = ['ca.pem', 'cert.pem', 'key.pem'];

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'holdfast-workload-'))));
afterEach(() => rmSync(directory, { recursive: true }));

async function issue(trustBundle: string): Promise<Issued> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const cert = await X509CertificateGenerator.createSelfSigned({ name: 'CN=test', keys, signingAlgorithm: algorithm });
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { key, chain: cert.toString('pem'), trustBundle };
}

const [first, second] = [await issue('first'), await issue('second')];

function keep({ key, ...issued }: Issued): void {
  keepCertificate(directory, createPrivateKey(key), { ...issued, notAfter: 'then' });
}

/** Whose files are here: of one answer, or nobody's. */
function kept(): string {
  const { cert, key } = readWorkloadFiles(directory);
  expect(new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))).toBe(true);
  const bundle = readFileSync(join(directory, 'ca.pem'), 'utf8');
  expect(cert.toString()).toBe({ first, second }[bundle]?.chain);
  return bundle;
}

/** What `keepCertificate` leaves when it is killed before the `step`th change that it makes to the file system. */
const KEEP_UNTIL_KILLED = `
  import { createPrivateKey } from 'node:crypto';
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const [directory, module, input, step] = process.argv.slice(1);
  const { keepCertificate } = await import(module);
  const { key, ...issued } = JSON.parse(input);
  let steps = 0;
  for (const name of ['mkdirSync', 'writeFileSync', 'renameSync', 'symlinkSync', 'rmSync']) {
    const change = fs[name];
    fs[name] = (...args) => {
      if (++steps === Number(step)) process.kill(process.pid, 'SIGKILL');
      return change(...args);
    };
  }
  syncBuiltinESMExports();
  keepCertificate(directory, createPrivateKey(key), issued);
`;

function keepUntilKilled(issued: Issued, step: number): boolean {
  const module = join(import.meta.dirname, 'workload-files.ts');
  const args = ['--input-type=module', '--eval', KEEP_UNTIL_KILLED, directory, module, JSON.stringify(issued), String(step)];
  const { status, signal, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ status, signal, stderr }).toEqual({
    ...(signal === null ? { status: 0, signal } : { status: null, signal: 'SIGKILL' }),
    stderr: '',
  });
  return signal !== null;
}

/** Kills at every step, each time from the start that `prepare` makes; answers what was there after each kill. */
function killedAtEveryStep(prepare: () => void, read: () => string): string[] {
  const seen: string[] = [];
  for (let step = 1, killed = true; killed; step += 1) {
    for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
    prepare();
    killed = keepUntilKilled(second, step);
    seen.push(read());
    keep(second); // whoever asks again gets the same certificate for the same key
    expect(kept()).toBe('second');
    expect(readdirSync(directory).toSorted()).toEqual(['..data', expect.stringMatching(/^\.\.issued-/), ...NAMES]);
  }
  return seen;
}

describe('the files of a workload', () => {
  it('are what was issued last, the key for this user only', () => {
    keep(first);
    keep(second);
    expect(kept()).toBe('second');
    expect(NAMES.map((name) => statSync(join(directory, name)).mode & 0o777)).toEqual([0o644, 0o644, 0o600]);
  });

  it('hold no key that is out of use', () => {
    nextKey(directory);
    keep(first);
    keep(second);
    const others = readdirSync(directory)
      .toSorted()
      .filter((name) => !NAMES.includes(name));
    expect(others).toEqual(['..data', expect.stringMatching(/^\.\.issued-/)]);
    expect(readdirSync(join(directory, others[1] ?? '')).toSorted()).toEqual(NAMES);
  });

  it('can be taken elsewhere: no link in them leads out', () => {
    keep(first);
    const links = readdirSync(directory)
      .toSorted()
      .filter((name) => lstatSync(join(directory, name)).isSymbolicLink());
    expect(links).toEqual(['..data', ...NAMES]);
    renameSync(directory, `${directory}.moved`);
    directory = `${directory}.moved`;
    expect(kept()).toBe('first');
  });

  it('are a pair after a kill at any step of a renewal, the old one or the new one', () => {
    const seen = killedAtEveryStep(() => keep(first), kept);
    expect(seen.length).toBeGreaterThan(10);
    expect(seen.join(' ')).toMatch(/^(?:first )+(?:second ?)+$/);
  });

  it('are a pair after a kill at any step of the first renewal of files that were put there otherwise', () => {
    const put = (): void => {
      writeFileSync(join(directory, 'cert.pem'), first.chain);
      writeFileSync(join(directory, 'key.pem'), first.key);
      writeFileSync(join(directory, 'ca.pem'), 'first');
    };
    expect(killedAtEveryStep(put, kept).join(' ')).toMatch(/^(?:first )+(?:second ?)+$/);
  });

  it('are all there or none after a kill at any step of the first join, and until they are there the key is not forgotten', () => {
    let asked = '';
    const ask = (): void => void (asked = keyOf(nextKey(directory)));
    const seen = killedAtEveryStep(ask, () => {
      const present = NAMES.filter((name) => statSync(join(directory, name), { throwIfNoEntry: false }) !== undefined);
      if (present.length > 0) return kept();
      expect(keyOf(nextKey(directory))).toBe(asked);
      return 'none';
    });
    expect(seen.join(' ')).toMatch(/^(?:none )+(?:second ?)+$/);
  });
});

const keyOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' });
