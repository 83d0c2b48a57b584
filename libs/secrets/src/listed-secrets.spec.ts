import { describe, expect, it } from 'vitest';
import { operator } from '../../../test/support/callers.ts';
import { secretOperations } from '../../../test/support/secret-operations.ts';
import { ListedSecrets } from './listed-secrets.ts';
import { SecretRecords } from './secret-records.ts';

const [admin, planner] = [operator('admin'), operator('planner')];
const request = { id: 'r1', peer: '10.0.0.1' };
const ROLES = [
  { role: 'all', rules: [{ allow: ['secret:*'], on: '**' }], bind: ['operator:admin'] },
  {
    role: 'planner',
    rules: [
      { allow: ['secret:list'], on: 'app/**' },
      { deny: ['secret:list'], on: 'app/hidden/**' },
    ],
    bind: ['operator:planner'],
  },
] as const;

async function setUp(paths: readonly string[]) {
  const server = await secretOperations(ROLES);
  for (const path of paths) await server.write.perform(admin, request, path, { data: { a: '1' }, labels: { tier: 'web' } });
  const inventory = new ListedSecrets(new SecretRecords(server.holder));
  const page = (query: { cursor?: string; most: number }) =>
    server.gate.performWithin({ caller: planner, action: 'secret:list', resource: '', request }, async (reader, may, below) => ({
      answer: await inventory.page(reader, { ...query, may, below }),
    }));
  return { ...server, page };
}

describe('the secrets that a caller may list', () => {
  it('come page by page, with their labels, and none that is hidden, elsewhere or deleted', async () => {
    const paths = Array.from({ length: 30 }, (_, i) => `app/s${i}`);
    const { page, remove } = await setUp([...paths, 'app/gone', 'app/hidden/a', 'other/a']);
    await remove.perform(admin, request, 'app/gone');
    const found: string[] = [];
    let next: string | undefined;
    let pages = 0;
    do {
      const answer = await page({ cursor: next, most: 10 });
      found.push(...answer.secrets.map(({ path, labels }) => `${path} ${labels['tier']}`));
      ({ next } = answer);
      pages += 1;
    } while (next !== undefined);
    expect(found.toSorted()).toEqual(paths.map((path) => `${path} web`).toSorted());
    expect(pages).toBeGreaterThan(2);
  });

  it('go on nowhere from a cursor of something else', async () => {
    const { page, list } = await setUp(['app/a', 'app/b', 'app/c']);
    const { nextCursor } = await list.perform(planner, request, { recursive: true, limit: 1 });
    for (const cursor of [nextCursor, 'x']) await expect(page({ cursor, most: 10 })).rejects.toMatchObject({ code: 'invalid_cursor' });
  });
});
