import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WHOLE_LOG, change, read, roleRow, secretRow } from '../../../test/support/database-bench.ts';
import { entriesOf } from '../../../test/support/fake-log.ts';
import { openSqlite } from '../../../test/support/sqlite-bench.ts';

const UNAVAILABLE = { name: 'AuthzError', code: 'storage_unavailable' };

/** Only timers are fake: the turns of the event loop are real. */
const holdTime = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });

afterEach(() => void vi.useRealTimers());

describe('the group committer', () => {
  it('commits what arrives in one turn of the event loop together', async () => {
    const { committer, logStore } = await openSqlite();
    await Promise.all(Array.from({ length: 64 }, (_, at) => committer.commit(read(`${at}`))));
    expect(await logStore.lastRow()).toMatchObject({ firstIndex: 0, count: 64 });
  });

  it('bounds what one transaction holds', async () => {
    const { committer, logStore } = await openSqlite();
    await Promise.all(Array.from({ length: 300 }, (_, at) => committer.commit(read(`${at}`))));
    expect(await logStore.lastRow()).toMatchObject({ firstIndex: 256, count: 44 });
  });

  it('answers only after COMMIT', async () => {
    const { committer, database } = await openSqlite();
    const { handle } = database.opened.writer;
    const open: boolean[] = [];
    await committer.commit(read('1')).then(() => open.push(handle.inTransaction));
    expect(open).toEqual([false]);
    expect(handle.prepare('SELECT count(*) AS count FROM audit_batch').get()).toEqual({ count: 1 });
  });

  it('never waits when nothing is expected', async () => {
    const { committer } = await openSqlite();
    holdTime();
    expect(await committer.commit(read('1'))).toBe('committed');
  });

  it('waits for company while it is expected, at most 3 ms', async () => {
    const { committer } = await openSqlite({ expecting: () => 1 });
    holdTime();
    let done = false;
    const committed = committer.commit(read('1')).then(() => (done = true));
    await turn();
    await vi.advanceTimersByTimeAsync(2);
    expect(done).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await committed).toBe(true);
  });

  it('stops waiting when nobody is expected any more', async () => {
    let expected = 1;
    const { committer, logStore } = await openSqlite({ expecting: () => expected });
    holdTime();
    const first = committer.commit(read('1'));
    await turn();
    const second = committer.commit(read('2'));
    expected = 0;
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all([first, second]);
    expect(await logStore.lastRow()).toMatchObject({ count: 2 });
  });

  it('has the log signed within a second of its entries, and not again without new ones', async () => {
    const { committer, logStore } = await openSqlite();
    holdTime();
    await committer.commit(read('1'));
    expect(await logStore.lastCheckpoint()).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1_000);
    await committer.commit({ expects: [], writes: [], entries: [] });
    await turn();
    await turn();
    expect(await logStore.lastCheckpoint()).toMatchObject({ size: 1 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('signs on request what was submitted before', async () => {
    const { committer, logStore } = await openSqlite();
    const committed = committer.commit(read('1'));
    await committer.signNow();
    await committed;
    expect(await logStore.lastCheckpoint()).toMatchObject({ size: 1 });
  });

  it('commits what waits, and signs it, before the database closes; afterwards it commits nothing', async () => {
    const { committer, logStore, seal } = await openSqlite();
    const committed = committer.commit(read('1'));
    await seal();
    expect(await committed).toBe('committed');
    expect(await logStore.lastCheckpoint()).toMatchObject({ size: 1 });
    await expect(committer.commit(read('2'))).rejects.toMatchObject({ name: 'AuthzError', code: 'sealed' });
  });
});

describe('a group committer that can not write', () => {
  it('refuses all of a batch when the disk is full, changes nothing, and goes on when there is room', async () => {
    const { committer, reader, observed, database, log, stops } = await openSqlite();
    const { handle } = database.opened.writer;
    await committer.commit(change('1', secretRow('a')));
    handle.pragma(`max_page_count = ${Number(handle.pragma('page_count', { simple: true })) + 1}`);
    const large = { ...secretRow('b'), sealed: Buffer.alloc(50_000) };
    const refused = await Promise.allSettled([committer.commit(change('2', secretRow('a', 2))), committer.commit(change('3', large))]);
    for (const each of refused) expect(each).toMatchObject({ status: 'rejected', reason: UNAVAILABLE });
    expect((await reader.find('secret', 'a'))?.rev).toBe(1);
    expect([observed.length, log.size, stops()]).toEqual([1, 1, 0]);

    handle.pragma('max_page_count = 1000000');
    expect(await committer.commit(change('4', secretRow('a', 2), large))).toBe('committed');
    expect(await entriesOf(reader.log(...WHOLE_LOG))).toEqual(['1', '4']);
  });

  it('refuses reads too when their entry can not be written', async () => {
    const { committer, database, stops } = await openSqlite();
    database.opened.writer.handle.pragma('query_only = ON');
    await expect(committer.commit(read('1'))).rejects.toMatchObject(UNAVAILABLE);
    database.opened.writer.handle.pragma('query_only = OFF');
    expect(await committer.commit(read('2'))).toBe('committed');
    expect(stops()).toBe(0);
  });

  it('writes nothing when the log does not take the entries', async () => {
    const { committer, reader, log } = await openSqlite();
    vi.spyOn(log, 'prepare').mockImplementationOnce(() => {
      throw new Error('damaged');
    });
    await expect(committer.commit(change('1', secretRow('a')))).rejects.toMatchObject(UNAVAILABLE);
    expect(await reader.find('secret', 'a')).toBeUndefined();
    expect(await committer.commit(change('2', secretRow('a')))).toBe('committed');
  });

  it('stores a checkpoint later whose transaction failed', async () => {
    const { committer, database, logStore, signNow } = await openSqlite();
    await committer.commit(read('1'));
    database.opened.writer.handle.pragma('query_only = ON');
    await expect(signNow()).rejects.toMatchObject(UNAVAILABLE);
    database.opened.writer.handle.pragma('query_only = OFF');
    await signNow();
    expect(await logStore.lastCheckpoint()).toMatchObject({ size: 1 });
  });

  it('says nothing of the values in what it throws', async () => {
    const { committer } = await openSqlite();
    const twice = change('1', secretRow('a', 1, 'canary-71'), secretRow('a', 1, 'canary-71'));
    const error: unknown = await committer.commit(twice).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'row_refused' });
    expect(Object.keys(Object(error)).sort()).toEqual(['code', 'hint', 'name']);
    expect(String(error instanceof Error && error.stack)).not.toContain('canary');
  });

  it('stops the process when observers fail after COMMIT: memory and database would differ', async () => {
    const { committer, database, stops } = await openSqlite();
    vi.spyOn(database.cache, 'put').mockImplementationOnce(() => {
      throw new Error('out of memory');
    });
    await expect(committer.commit(change('1', secretRow('a')))).rejects.toMatchObject(UNAVAILABLE);
    await expect(committer.commit(read('2'))).rejects.toMatchObject(UNAVAILABLE);
    expect(stops()).toBe(1);
  });
});

describe('the authority in the database', () => {
  it('unseals as the log left it', async () => {
    const { committer, reader, reopen } = await openSqlite();
    await committer.commit(change('1', roleRow('r'), roleRow('s'), secretRow('a')));
    await committer.commit(change('2', roleRow('r', 2), { ...roleRow('s', 2), sealed: null }));
    await reopen();
    expect((await reader.find('role', 'r'))?.rev).toBe(2);
  });

  it.each([
    ['altered', "UPDATE record SET sealed = x'00' WHERE kind = 'role'"],
    ['rolled back', "UPDATE record SET rev = 1, sealed = CAST('r at 1' AS BLOB) WHERE kind = 'role'"],
    ['removed', "DELETE FROM record WHERE kind = 'role'"],
    ['added to', "INSERT INTO record SELECT kind, 'other', rev, wrapped, sealed FROM record WHERE kind = 'role'"],
    ['renamed', "UPDATE record SET key = 'other' WHERE kind = 'role'"],
    ['given another kind', "UPDATE record SET kind = 'operator' WHERE kind = 'role'"],
  ])('does not unseal when it was %s', async (_, statement) => {
    const { committer, database, reopen } = await openSqlite();
    await committer.commit(change('1', roleRow('r')));
    await committer.commit(change('2', roleRow('r', 2)));
    expect(database.opened.writer.handle.prepare(statement).run().changes).toBe(1);
    await expect(reopen()).rejects.toMatchObject({ name: 'StorageError', code: 'authority_rolled_back' });
  });

  it('unseals though a secret was altered, which its own seal and the scrub find', async () => {
    const { committer, database, reopen } = await openSqlite();
    await committer.commit(change('1', secretRow('a')));
    database.opened.writer.handle.exec("UPDATE record SET sealed = x'00'");
    await expect(reopen()).resolves.toBeUndefined();
  });
});
