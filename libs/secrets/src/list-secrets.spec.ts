import { describe, expect, it } from 'vitest';
import { operator, workload } from '../../../test/support/callers.ts';
import { secretOperations } from '../../../test/support/secret-operations.ts';
import type { ListQuery } from './list-secrets.ts';

const admin = operator('admin');
const reader = workload('spiffe://acme.internal/reader');
const request = { id: 'r1', peer: '10.0.0.1' };
const roles = [
  { role: 'all', rules: [{ allow: ['secret:*'], on: '**' }], bind: ['operator:admin'] },
  {
    role: 'reader',
    rules: [
      { allow: ['secret:list', 'secret:read'], on: 'meta/**' },
      { deny: ['secret:list', 'secret:read'], on: 'meta/restricted/**' },
      { allow: ['secret:list'], on: 'far/*/deep/*' },
    ],
    bind: [reader.id],
  },
] as const;

async function setUp(paths: readonly string[]) {
  const operations = await secretOperations(roles);
  for (const path of paths) await operations.write.perform(admin, request, path, { data: { path } });
  const list = async (query: ListQuery, caller = reader) => {
    const { items, nextCursor } = await operations.list.perform(caller, request, query);
    return { paths: items.map((item) => item.path).toSorted(), nextCursor };
  };
  return { ...operations, listed: list };
}

const PATHS = ['meta/a', 'meta/a/b', 'meta/c/d', 'meta/restricted/x', 'meta/restricted/y/z', 'other/db', 'far/x/deep/1', 'far/x/else/1'];

describe('a list', () => {
  it('shows the next level of what the caller may see, and no more', async () => {
    const { listed } = await setUp(PATHS);
    expect((await listed({ prefix: 'meta' })).paths).toEqual(['meta/a', 'meta/a/', 'meta/c/']);
    expect((await listed({})).paths).toEqual(['far/', 'meta/']);
    expect((await listed({ prefix: 'far/x' })).paths).toEqual(['far/x/deep/']);
    expect((await listed({}, admin)).paths).toEqual(['far/', 'meta/', 'other/']);
  });

  it('shows all below when it is asked to', async () => {
    const { listed } = await setUp(PATHS);
    expect((await listed({ prefix: 'meta/', recursive: true })).paths).toEqual(['meta/a', 'meta/a/b', 'meta/c/d']);
    expect((await listed({ recursive: true })).paths).toEqual(['far/x/deep/1', 'meta/a', 'meta/a/b', 'meta/c/d']);
  });

  it.each(['meta/restricted', 'meta/restricted/', 'meta/restricted/y', 'other', 'nowhere'])('of %s is denied', async (prefix) => {
    const { listed, committer } = await setUp(PATHS);
    await expect(listed({ prefix })).rejects.toMatchObject({ code: 'denied' });
    expect(committer.entries.at(-1)).toMatchObject({ action: 'secret:list', outcome: 'denied' });
  });

  it('of a namespace within reach that does not exist is empty', async () => {
    const { listed } = await setUp([]);
    expect(await listed({ prefix: 'meta' })).toEqual({ paths: [], nextCursor: undefined });
  });

  it('is recorded once, with the prefix', async () => {
    const { listed, committer } = await setUp(PATHS);
    committer.entries.length = 0;
    await listed({ prefix: 'meta/' });
    expect(committer.entries).toMatchObject([{ action: 'secret:list', resource: 'meta/**', outcome: 'done', rule: 'reader#0' }]);
  });

  it('leaves out what is deleted', async () => {
    const { listed, remove } = await setUp(PATHS);
    await remove.perform(admin, request, 'meta/c/d');
    expect((await listed({ prefix: 'meta', recursive: true })).paths).toEqual(['meta/a', 'meta/a/b']);
    expect((await listed({ prefix: 'meta' })).paths).toEqual(['meta/a', 'meta/a/']);
  });

  it('filters by label and by a part of the path', async () => {
    const { listed, patch } = await setUp(PATHS);
    await patch.perform(admin, request, 'meta/a/b', { labels: { tier: 'web' } });
    await patch.perform(admin, request, 'meta/restricted/x', { labels: { tier: 'web' } });
    expect((await listed({ recursive: true, label: 'tier=web' })).paths).toEqual(['meta/a/b']);
    await patch.perform(admin, request, 'meta/a', { labels: { tier: 'web', region: 'eu' } });
    expect((await listed({ recursive: true, label: 'tier=web' })).paths).toEqual(['meta/a', 'meta/a/b']);
    expect((await listed({ recursive: true, label: 'region=eu,tier=web' })).paths).toEqual(['meta/a']);
    expect((await listed({ recursive: true, label: 'region=eu,tier=db' })).paths).toEqual([]);
    expect((await listed({ recursive: true, label: 'tier=web', q: 'a/b' })).paths).toEqual(['meta/a/b']);
    expect((await listed({ recursive: true, q: 'c/d' })).paths).toEqual(['meta/c/d']);
    expect((await listed({ recursive: true, q: 'restricted' })).paths).toEqual([]);
  });

  it('tells what is known of a secret, and never its value', async () => {
    const { list } = await setUp(['meta/a']);
    const { items } = await list.perform(reader, request, { prefix: 'meta' });
    const time = '2026-12-01T12:00:00.000Z';
    expect(items).toEqual([{ path: 'meta/a', version: 1, labels: {}, createdAt: time, updatedAt: time, expiresAt: undefined }]);
  });

  it.each([true, false])('goes on where it stopped, showing each once (recursive: %s)', async (recursive) => {
    const many = Array.from({ length: 25 }, (_, index) => `meta/${index % 2 ? 's' : `t${index}/u`}${index}`);
    const { listed } = await setUp([...many, 'meta/restricted/x', 'other/y']);
    const whole = await listed({ recursive, limit: 1_000 });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listed({ recursive, limit: 4, cursor });
      expect(page.paths.length).toBeLessThanOrEqual(4);
      seen.push(...page.paths);
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen.toSorted()).toEqual(whole.paths);
    expect(whole.nextCursor).toBeUndefined();
  });

  it("takes a cursor of nobody else's", async () => {
    const { listed } = await setUp(PATHS);
    const { nextCursor } = await listed({ prefix: 'meta', limit: 1 });
    await expect(listed({ prefix: 'meta', limit: 1, cursor: nextCursor }, admin)).rejects.toMatchObject({ code: 'invalid_cursor' });
  });

  it('takes a cursor for its own query only', async () => {
    const { listed } = await setUp(PATHS);
    const { nextCursor = '' } = await listed({ prefix: 'meta', limit: 1 });
    expect((await listed({ prefix: 'meta/', limit: 10, cursor: nextCursor })).paths).toHaveLength(2);
    for (const query of [{ prefix: 'meta', q: 'a', cursor: nextCursor }, { cursor: nextCursor }, { prefix: 'meta', cursor: 'AAAA' }]) {
      await expect(listed(query)).rejects.toMatchObject({ code: 'invalid_cursor' });
    }
  });

  it('passes what is out of reach at one look, however large', async () => {
    const hidden = Array.from({ length: 300 }, (_, index) => `other/${index}`);
    const { listed, reader: rows } = await setUp([...hidden, 'meta/restricted/x', 'meta/z']);
    rows.paged = 0;
    expect((await listed({ recursive: true })).paths).toEqual(['meta/z']);
    expect(rows.paged).toBeLessThan(10);
  });

  it('of the next level reads a few rows of each subtree, however large', async () => {
    const { listed, reader: rows } = await setUp(Array.from({ length: 600 }, (_, index) => `meta/${index % 20}/${index}`));
    rows.paged = 0;
    expect((await listed({ prefix: 'meta' })).paths).toHaveLength(20);
    expect(rows.paged).toBeLessThanOrEqual(20 * 8);
  });

  it('reads no more than its budget for a page', async () => {
    const { listed, reader: rows } = await setUp(Array.from({ length: 2_100 }, (_, index) => `meta/${index}`));
    rows.paged = 0;
    const { paths, nextCursor } = await listed({ q: 'nothing like it' });
    expect(paths).toEqual([]);
    expect(rows.paged).toBe(2_000);
    expect(await listed({ q: 'nothing like it', cursor: nextCursor })).toEqual({ paths: [], nextCursor: undefined });
  });
});
