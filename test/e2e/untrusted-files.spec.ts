import { randomBytes } from 'node:crypto';
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAsThief } from '../support/database-thief.ts';
import { flipped } from '../support/flipped.ts';
import { Installation } from '../support/installation.ts';
import { judge, UntrustedWorld, type Verdict } from './untrusted-world.ts';

/** Somebody who has no key replaces, cuts or flips the files of a server, and it is started again. */

let directory: string;
let world: UntrustedWorld;
/** Another server, whose files are just as good. */
let stranger: Installation;
/** A copy that was taken while the server ran, so that its write-ahead log holds what the database doesn't. */
let running: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-'));
  world = await UntrustedWorld.create(directory);
  stranger = await Installation.create(join(directory, 'stranger'));
  await stranger.stop();
  const live = world.copy();
  await live.start();
  for (const role of ['one', 'two', 'three']) await live.grant(role, 'operator:admin', { allow: ['policy:read'], on: '**' });
  running = join(directory, 'running');
  cpSync(live.directory, running, { recursive: true });
  await live.stop();
});

afterAll(() => rmSync(directory, { recursive: true }));

type Spoil = (dataDir: string) => void;

describe('files of another server, or of none', () => {
  it.each<[string, RegExp, Spoil]>([
    ['the same database without its encryption', /^database_plain_text$/, (dataDir) => rekey(dataDir, '')],
    ['the same database under another key', /^wrong_key$/, (dataDir) => rekey(dataDir, 'another key')],
    ["another server's database", /^wrong_key$/, (dataDir) => copyFileSync(databaseIn(stranger.dataDir), databaseIn(dataDir))],
    ['a database of noise', /^wrong_key$/, (dataDir) => writeFileSync(databaseIn(dataDir), randomBytes(65_536))],
    ['a text file', /^wrong_key$/, (dataDir) => writeFileSync(databaseIn(dataDir), 'no database\n'.repeat(1_000))],
    ['an empty database', /^integrity_failed$/, (dataDir) => truncateSync(databaseIn(dataDir))],
    ['no database', /^integrity_failed$/, (dataDir) => rmSync(databaseIn(dataDir))],
    ["another server's slot file", /^wrong_key$/, (dataDir) => copyFileSync(slotsIn(stranger.dataDir), slotsIn(dataDir))],
    ["another server's database and slot file", /^wrong_key$/, (dataDir) => cpSync(stranger.dataDir, dataDir, { recursive: true })],
    ["another server's key file", /^wrong_key$/, (dataDir) => copyFileSync(stranger.keyFile, join(dataDir, '../unseal.key'))],
    ['an empty key file', /^wrong_key$/, (dataDir) => truncateSync(join(dataDir, '../unseal.key'))],
    ['no key file', /^unknown_slot$/, (dataDir) => rmSync(join(dataDir, '../unseal.key'))],
  ])('%s: the server stays sealed', async (_what, reason, spoil) => {
    const verdict = await judgeSpoilt(spoil);
    expect(verdict).toMatchObject({ state: 'sealed', lies: [], reasons: [expect.stringMatching(reason)] });
    expectNothingServed(verdict);
  });

  it.each<[string, Spoil]>([
    ['without its slot file', (dataDir) => rmSync(slotsIn(dataDir))],
    ['with an empty slot file', (dataDir) => truncateSync(slotsIn(dataDir))],
    ['with a slot file that ends early', (dataDir) => truncateSync(slotsIn(dataDir), statSync(slotsIn(dataDir)).size / 2)],
    ['with a slot file of another format', (dataDir) => replaceIn(slotsIn(dataDir), '"holdfast-slots/1"', '"holdfast-slots/2"')],
    ['with a slot file that lacks a field', (dataDir) => replaceIn(slotsIn(dataDir), /"generation": 1,/, '')],
  ])('a database %s: the server does not start, and never takes itself for a new one', async (_what, spoil) => {
    const verdict = await judgeSpoilt(spoil);
    expect(verdict).toMatchObject({ state: 'not started', reasons: ['slot_file_damaged'] });
  });
});

describe('damaged files', () => {
  it.each(spread(96))('a slot file with a bit flipped at %f of its length opens nothing', async (part) => {
    const verdict = await judgeSpoilt((dataDir) => flipAt(slotsIn(dataDir), part));
    expect(verdict.state).not.toBe('unsealed');
    expect(verdict).toMatchObject({
      lies: [],
      reasons: [expect.stringMatching(/^(slot_file_damaged|wrong_key|unknown_slot|integrity_failed)$/)],
    });
    expectNothingServed(verdict);
  });

  it.each([1, 16, 100, 4_095, 4_096, 8_192, 20_000])('a database of only its first %i bytes: the server stays sealed', async (size) => {
    const verdict = await judgeSpoilt((dataDir) => truncateSync(databaseIn(dataDir), size));
    expect(verdict).toMatchObject({
      state: 'sealed',
      lies: [],
      reasons: [expect.stringMatching(/^(wrong_key|storage_unavailable|integrity_failed)$/)],
    });
    expectNothingServed(verdict);
  });

  it.each(spread(64))('a database with a bit flipped at %f of its length gives out the truth or nothing', async (part) => {
    const { state, lies, refused } = await judgeSpoilt((dataDir) => flipAt(databaseIn(dataDir), part));
    expect(state).not.toBe('not started');
    expect(lies).toEqual([]);
    expect(refused.filter((each) => !/: (version_unavailable|storage_unavailable|sealed)$/.test(each))).toEqual([]);
  });

  it('a copy that was taken while the server ran opens', async () => {
    expect(statSync(`${databaseIn(join(running, 'data'))}-wal`).size).toBeGreaterThan(10_000);
    expect(await judgeSpoilt(() => undefined, running)).toMatchObject({ state: 'unsealed', lies: [], logVerifies: true });
  });

  it.each(spread(48))('a write-ahead log with a bit flipped at %f of its length gives out the truth or nothing', async (part) => {
    expectWholeOrSealed(await judgeSpoilt((dataDir) => flipAt(`${databaseIn(dataDir)}-wal`, part), running));
  });

  it.each(spread(16))('a write-ahead log of only its first %f gives out the truth or nothing', async (part) => {
    const cut = (file: string): void => truncateSync(file, statSync(file).size * part);
    expectWholeOrSealed(await judgeSpoilt((dataDir) => cut(`${databaseIn(dataDir)}-wal`), running));
  });
});

async function judgeSpoilt(spoil: Spoil, original = world.origin.directory): Promise<Verdict> {
  const copy = world.copy(original);
  spoil(copy.dataDir);
  const verdict = await judge(copy);
  rmSync(copy.directory, { recursive: true });
  return verdict;
}

function expectNothingServed({ refused }: Verdict): void {
  expect(refused.filter((each) => !each.endsWith(': sealed'))).toEqual([]);
}

/** A torn end is as if the last commits had not been; the log tells of exactly those that were. */
function expectWholeOrSealed({ state, lies, logVerifies }: Verdict): void {
  expect(lies).toEqual([]);
  expect(state === 'sealed' || logVerifies).toBe(true);
}

/** So many places in a file, as parts of its length. */
function spread(count: number): number[] {
  return Array.from({ length: count }, (_each, at) => at / count);
}

function flipAt(file: string, part: number): void {
  const bytes = readFileSync(file);
  writeFileSync(file, flipped(bytes, Math.floor(bytes.length * 8 * part)));
}

function replaceIn(file: string, text: string | RegExp, by: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(text, by));
}

function rekey(dataDir: string, key: string): void {
  const handle = openAsThief(dataDir, world.key);
  handle.pragma('journal_mode = DELETE');
  handle.pragma(`rekey = '${key}'`);
  handle.close();
}

function databaseIn(dataDir: string): string {
  return join(dataDir, 'holdfast.db');
}

function slotsIn(dataDir: string): string {
  return join(dataDir, 'slots.json');
}
