import { describe, expect, it } from 'vitest';
import { operator, workload } from '../../../test/support/callers.ts';
import { secretOperations } from '../../../test/support/secret-operations.ts';

const admin = operator('admin');
const api = workload('spiffe://acme.internal/api');
const request = { id: 'r1', peer: '10.0.0.1' };
const roles = [
  { role: 'all', rules: [{ allow: ['secret:*'], on: '**' }], bind: ['operator:admin'] },
  {
    role: 'api',
    rules: [
      { allow: ['secret:read'], on: 'app/**' },
      { deny: ['secret:read'], on: 'app/root' },
    ],
    bind: [api.id],
  },
] as const;

async function setUp(paths: readonly string[]) {
  const operations = await secretOperations(roles);
  for (const path of paths) await operations.write.perform(admin, request, path, { data: { path } });
  operations.committer.entries.length = 0;
  const bundled = async (asked?: readonly string[], caller = api) => {
    const items = await operations.bundle.perform(caller, request, asked);
    return items.map((item) => [item.resource, item.ok ? item.answer.version : (item.error as { code: string }).code]);
  };
  return { ...operations, bundled };
}

describe('a bundle', () => {
  it('answers and records each path by itself, in the order asked', async () => {
    const { bundled, committer } = await setUp(['app/a', 'app/b', 'app/root', 'other/x']);
    const answers = await bundled(['app/b', 'other/x', 'app/a', 'app/none', 'app/root']);
    expect(answers).toEqual([
      ['app/b', 1],
      ['other/x', 'denied'],
      ['app/a', 1],
      ['app/none', 'not_found'],
      ['app/root', 'denied'],
    ]);
    expect(committer.entries.map(({ resource, outcome }) => [resource, outcome])).toEqual([
      ['app/b', 'released'],
      ['other/x', 'denied'],
      ['app/a', 'released'],
      ['app/none', 'failed'],
      ['app/root', 'denied'],
    ]);
  });

  it('holds the values', async () => {
    const { bundle } = await setUp(['app/a']);
    const [item] = await bundle.perform(api, request, ['app/a']);
    expect(item?.ok && item.answer.value.bytes.toString()).toBe('{"data":{"path":"app/a"}}');
  });

  it('without paths is all that the caller may read, and that is there', async () => {
    const { bundled, remove } = await setUp(['app/b', 'app/a/x', 'app/root', 'app/gone', 'other/x']);
    await remove.perform(admin, request, 'app/gone');
    expect(await bundled()).toEqual([
      ['app/a/x', 1],
      ['app/b', 1],
    ]);
  });

  it('with nothing to read leaves one entry', async () => {
    const { bundled, committer } = await setUp(['other/x']);
    expect(await bundled()).toEqual([]);
    expect(committer.entries).toMatchObject([{ action: 'secret:read', resource: '**', outcome: 'done' }]);
  });

  it('holds no path twice', async () => {
    const { bundled } = await setUp(['app/a']);
    expect(await bundled(['app/a', 'app/a'])).toEqual([['app/a', 1]]);
  });

  it('with a path that is none is refused as a whole', async () => {
    const { bundled, committer } = await setUp(['app/a']);
    await expect(bundled(['app/a', 'app/../b'])).rejects.toMatchObject({ code: 'invalid_path' });
    expect(committer.entries).toMatchObject([{ action: 'secret:read', outcome: 'refused', code: 'invalid_path' }]);
  });

  it('is too large at more than 1,000', async () => {
    const { bundled, committer } = await setUp([]);
    const paths = Array.from({ length: 1_001 }, (_, index) => `app/${index}`);
    await expect(bundled(paths)).rejects.toMatchObject({ code: 'too_many_items', hint: 'name the paths, fewer at a time' });
    expect(committer.entries).toMatchObject([{ resource: '**', outcome: 'failed', code: 'too_many_items' }]);
  });

  it('leaves out what exceeds 16 MiB', async () => {
    const { bundle, write } = await setUp([]);
    const paths = Array.from({ length: 17 }, (_, index) => `app/${index}`);
    for (const path of paths) await write.perform(admin, request, path, { data: { value: 'x'.repeat(1024 * 1024 - 5) } });
    const items = await bundle.perform(api, request, paths);
    expect(items.map((item) => item.ok)).toEqual([...Array.from({ length: 15 }, () => true), false, false]);
  });
});
