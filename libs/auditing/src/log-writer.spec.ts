import { describe, expect, it } from 'vitest';
import { CompactTree, leafHash, parseCheckpoint } from '#audit';
import { exampleDraft } from '../../../test/support/example-export.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { flipped } from '../../../test/support/flipped.ts';
import { logKeyring } from '../../../test/support/log-keys.ts';
import { MemoryLog } from '../../../test/support/memory-log.ts';
import { LogWriter } from './log-writer.ts';

const AUTHORITY = Buffer.alloc(32, 1);
const drafts = (count: number) => Array.from({ length: count }, (_, i) => exampleDraft(i));

/** An unsealed log over a database in memory, and how to unseal that database once more. */
async function openLog(database = new MemoryLog(), keyring = logKeyring()) {
  const unseal = async (clock = new FakeClock()) => {
    const log = new LogWriter(database, clock);
    await log.unsealed(keyring, database.reader);
    return log;
  };
  return { database, keyring, unseal, log: await unseal() };
}

/** A log of 30 entries in rows of 3, with a checkpoint at 15. */
async function writtenLog() {
  const opened = await openLog();
  const { database, log } = opened;
  for (let row = 0; row < 10; row += 1) {
    database.commit(log.prepare(drafts(3), AUTHORITY));
    const checkpoint = row === 4 ? log.checkpoint() : undefined;
    if (checkpoint !== undefined) database.checkpoints.push(checkpoint);
  }
  return opened;
}

async function entriesOf({ database, log }: { database: MemoryLog; log: LogWriter }) {
  const batches = await Promise.all(database.rows.map((row) => log.batch(row)));
  return batches.flatMap(({ entries }) => entries);
}

describe('writing the log', () => {
  it('gives each entry a fresh salt and the next number of its writer', async () => {
    const written = await writtenLog();
    const entries = (await entriesOf(written)).map((bytes) => JSON.parse(bytes.toString()));
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(new Set(entries.map(({ salt }) => salt)).size).toBe(30);
    expect(new Set(entries.map(({ writer }) => writer)).size).toBe(1);
    expect(entries[0]).toMatchObject({
      v: 1,
      salt: expect.stringMatching(/^[0-9a-f]{32}$/),
      writer: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  it('signs the tree of exactly the committed entries', async () => {
    const written = await writtenLog();
    const { note, verifierKey, size, root } = written.log.head();
    const tree = CompactTree.empty();
    for (const entry of await entriesOf(written)) tree.append(leafHash(entry));
    expect(parseCheckpoint(note, verifierKey)).toEqual({ origin: 'acme.internal/00112233/1', size: 30, root: tree.root() });
    expect([size, root]).toEqual([30, tree.root()]);
  });

  it('goes on as if nothing had been prepared when a commit failed', async () => {
    const { database, log } = await openLog();
    const given_up = log.prepare(drafts(2), AUTHORITY);
    expect([log.size, log.checkpoint()]).toEqual([0, undefined]);
    const prepared = log.prepare(drafts(1), AUTHORITY);
    expect(prepared.segment).toEqual(given_up.segment);
    expect(prepared.row).toMatchObject({ firstIndex: 0, count: 1 });
    database.commit(prepared);
    expect(log.size).toBe(1);
    expect(log.prepare(drafts(1), AUTHORITY)).toMatchObject({ segment: undefined, row: { firstIndex: 1 } });
  });

  it('signs a checkpoint only when the log has grown', async () => {
    const { database, log } = await openLog();
    expect(log.checkpoint()).toBeUndefined();
    database.commit(log.prepare(drafts(1), AUTHORITY));
    expect(log.checkpoint()).toMatchObject({ size: 1 });
    expect(log.checkpoint()).toBeUndefined();
  });

  it('begins a segment after 65,536 entries and at each unsealing', async () => {
    const { database, log, unseal } = await openLog();
    const many = drafts(4096);
    for (let row = 0; row < 17; row += 1) database.commit(log.prepare(many, AUTHORITY));
    expect(database.rows.map(({ segment }) => segment)).toEqual([...Array.from({ length: 16 }, () => 1), 2]);
    const next = await unseal();
    database.commit(next.prepare(drafts(1), AUTHORITY));
    expect([...database.segments.keys()]).toEqual([1, 2, 3]);
  });

  it('shows nothing of an entry in its row', async () => {
    const { database } = await writtenLog();
    expect(Buffer.concat(database.rows.map(({ sealed }) => sealed)).includes('payments')).toBe(false);
  });

  it('refuses everything while sealed', async () => {
    const { log } = await openLog();
    await log.sealing();
    for (const call of [() => log.size, () => log.prepare(drafts(1), AUTHORITY), () => log.checkpoint(), () => log.head()])
      expect(call).toThrow(expect.objectContaining({ code: 'sealed' }));
  });
});

describe('resuming the log', () => {
  it('continues tree and checkpoints under a new writer, and hands on the authority digest', async () => {
    const { database, log, unseal } = await writtenLog();
    const before = log.head();
    const next = await unseal();
    expect(next.head()).toMatchObject({ size: 30, root: before.root, note: before.note });
    expect(next.resumedAuthority).toEqual(AUTHORITY);
    database.commit(next.prepare(drafts(1), AUTHORITY));
    const entries = (await entriesOf({ database, log: next })).map((bytes) => JSON.parse(bytes.toString()));
    expect(entries.at(-1)).toMatchObject({ seq: 0 });
    expect(entries.at(-1).writer).not.toBe(entries[0].writer);
  });

  it('begins an empty log without an authority digest', async () => {
    const { log } = await openLog();
    expect([log.size, log.resumedAuthority]).toEqual([0, undefined]);
  });

  it('needs no checkpoint: it re-hashes what none covers', async () => {
    const { database, unseal } = await writtenLog();
    database.checkpoints = [];
    expect((await unseal()).size).toBe(30);
  });

  it.each<[string, (database: MemoryLog) => void, string]>([
    ['its last rows are gone', (d) => d.rows.splice(4), 'log_behind_checkpoint'],
    ['all rows are gone', (d) => d.rows.splice(0), 'log_behind_checkpoint'],
    ['a row after the checkpoint is gone', (d) => d.rows.splice(7, 1), 'log_damaged'],
    ['two rows are swapped', (d) => d.rows.splice(7, 2, ...d.rows.slice(7, 9).toReversed()), 'log_damaged'],
    ['the row that the checkpoint ends with is gone', (d) => d.rows.splice(4, 1), 'log_damaged'],
    [
      'a row says more entries than it holds',
      (d) => d.rows.splice(9, 1, ...d.rows.slice(9).map((row) => ({ ...row, count: 4 }))),
      'log_damaged',
    ],
    ['a row says another segment', (d) => d.rows.splice(9, 1, ...d.rows.slice(9).map((row) => ({ ...row, segment: 2 }))), 'log_damaged'],
    [
      'a bit of a row is flipped',
      (d) => d.rows.splice(8, 1, ...d.rows.slice(8, 9).map((row) => ({ ...row, sealed: flipped(row.sealed, 999) }))),
      'log_damaged',
    ],
    ['a segment is gone', (d) => d.segments.clear(), 'log_damaged'],
    ["a segment's key is altered", (d) => d.segments.set(1, flipped(d.segments.get(1) ?? Buffer.alloc(1), 100)), 'log_damaged'],
    [
      'a checkpoint is altered',
      (d) => d.checkpoints.splice(0, 1, ...d.checkpoints.map(({ note }) => ({ size: 15, note: note.replace('\n15\n', '\n14\n') }))),
      'log_damaged',
    ],
    [
      'a checkpoint lies under another size',
      (d) => d.checkpoints.splice(0, 1, ...d.checkpoints.map(({ note }) => ({ size: 12, note }))),
      'log_damaged',
    ],
  ])('is refused when %s', async (_, alter, code) => {
    const { database, unseal } = await writtenLog();
    await expect(unseal()).resolves.toMatchObject({ size: 30 });
    alter(database);
    await expect(unseal()).rejects.toMatchObject({ code });
  });

  it("is refused for another log's rows under the same keys", async () => {
    const { database, keyring } = await writtenLog();
    const other = await openLog(new MemoryLog(), keyring);
    other.database.commit(other.log.prepare(drafts(15), AUTHORITY));
    database.rows.splice(0, 5, ...other.database.rows);
    await expect(openLog(database, keyring)).rejects.toMatchObject({ code: 'log_damaged' });
  });

  it('is refused when the clock is behind the last entry by more than a minute', async () => {
    const { unseal } = await writtenLog();
    await expect(unseal(new FakeClock('2026-11-23T23:59:01.000Z'))).resolves.toBeDefined();
    await expect(unseal(new FakeClock('2026-11-23T23:58:59.000Z'))).rejects.toMatchObject({ code: 'clock_before_log' });
  });
});
