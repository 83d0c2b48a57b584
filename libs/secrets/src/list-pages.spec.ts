import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operator, workload } from '../../../test/support/callers.ts';
import { secretOperations } from '../../../test/support/secret-operations.ts';
import type { ListQuery } from './list-secrets.ts';

const admin = operator('admin');
const reader = workload('spiffe://acme.internal/reader');
const request = { id: 'r1', peer: '10.0.0.1' };

interface Rule {
  readonly verb: 'allow' | 'deny';
  readonly on: string;
  /** The label `tier` that it is about. */
  readonly tier?: string | readonly string[];
}

interface Secret {
  readonly path: string;
  readonly labels: Readonly<Record<string, string>>;
}

const segment = fc.constantFrom('a', 'b', 'ab', 'c');
const path = fc.array(segment, { minLength: 2, maxLength: 4 }).map((segments) => segments.join('/'));
const pattern = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'c', '*', 'a*', '**'), { minLength: 2, maxLength: 4 })
  .map((segments) => segments.join('/'));
const labels = fc.dictionary(fc.constantFrom('tier', 'zone'), fc.constantFrom('x', 'y'), { noNullPrototype: true });
const secrets = fc.uniqueArray(fc.record({ path, labels }), { selector: (secret) => secret.path, minLength: 1, maxLength: 24 });
const tier = fc.constantFrom<string | readonly string[]>('x', 'y', ['x', 'y']);
const rules = fc.array(
  fc.record<Rule, 'verb' | 'on'>({ verb: fc.constantFrom('allow', 'allow', 'deny'), on: pattern, tier }, { requiredKeys: ['verb', 'on'] }),
  { minLength: 1, maxLength: 5 },
);
const query = fc.record<ListQuery, 'limit'>(
  {
    prefix: fc.constantFrom('', 'a', 'a/', 'b', 'a/b', 'ab'),
    recursive: fc.boolean(),
    label: fc.constantFrom('tier=x', 'zone=y', 'tier=x,zone=y'),
    q: fc.constantFrom('a', 'b/', '/c', 'zz'),
    limit: fc.integer({ min: 1, max: 6 }),
  },
  { requiredKeys: ['limit'] },
);
/** What somebody else does between two pages. */
const change = fc.record({ path: path.map((text) => `${text}/moving`), gone: fc.boolean(), labels });

/** The whole language of patterns, once more and slowly. */
function matches(on: string, text: string): boolean {
  const parts = on.split('/').map((part) => (part === '**' ? '.+' : part.replaceAll('*', '[^/]*')));
  return new RegExp(`^${parts.join('/')}$`).test(text);
}

function isMet(rule: Rule, secret: Secret): boolean {
  return rule.tier === undefined || (secret.labels.tier !== undefined && [rule.tier].flat().includes(secret.labels.tier));
}

function isSeen(all: readonly Rule[], secret: Secret): boolean {
  const speaking = all.filter((rule) => matches(rule.on, secret.path) && isMet(rule, secret));
  return speaking.length > 0 && speaking.every(({ verb }) => verb === 'allow');
}

/** Every secret there is, filtered by the rules and the query one by one. */
function reference(all: readonly Secret[], given: readonly Rule[], { prefix = '', recursive = false, label, q = '' }: ListQuery): string[] {
  const root = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  const wanted = label?.split(',').map((each) => each.split('=')) ?? [];
  const found = all
    .filter((secret) => secret.path.startsWith(root) && secret.path.includes(q) && isSeen(given, secret))
    .filter((secret) => wanted.every(([name = '', value]) => secret.labels[name] === value))
    .map((secret) => (recursive ? secret.path : root + secret.path.slice(root.length).replace(/\/.*$/, '/')));
  return [...new Set(found)].toSorted();
}

async function setUp(all: readonly Secret[], given: readonly Rule[]) {
  // A role each: one that says the same twice is none.
  const roles = given.map(({ verb, on, tier: wanted }, at) => ({
    role: `reader-${at}`,
    rules: [{ [verb]: ['secret:list'], on, ...(wanted === undefined ? {} : { when: { 'label.tier': wanted } }) }],
    bind: [reader.id],
  }));
  const operations = await secretOperations([
    { role: 'admin', rules: [{ allow: ['secret:*'], on: '**' }], bind: ['operator:admin'] },
    ...roles,
  ]);
  const put = (secret: Secret) => operations.write.perform(admin, request, secret.path, { data: { a: '1' }, labels: secret.labels });
  for (const secret of all) await put(secret);
  return { ...operations, put };
}

type Server = Awaited<ReturnType<typeof setUp>>;

/** All pages, one after the other; 'denied' where nothing is within reach. */
async function pages({ list }: Server, asked: ListQuery, between: (page: number) => Promise<void> = async () => {}): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page === 0 || cursor !== undefined; page += 1) {
    const answer = await list.perform(reader, request, { ...asked, cursor });
    expect(answer.items.length).toBeLessThanOrEqual(asked.limit ?? 0);
    seen.push(...answer.items.map((item) => item.path));
    cursor = answer.nextCursor;
    await between(page);
  }
  return seen;
}

async function pagesOrNone(server: Server, asked: ListQuery): Promise<string[]> {
  return pages(server, asked).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'denied') return [];
    throw error;
  });
}

describe('the pages of a list, all together', () => {
  it('are what one look at every secret finds, each once', async () => {
    await fc.assert(
      fc.asyncProperty(secrets, rules, fc.array(query, { minLength: 1, maxLength: 4 }), async (all, given, queries) => {
        const server = await setUp(all, given);
        for (const asked of queries) expect((await pagesOrNone(server, asked)).toSorted()).toEqual(reference(all, given, asked));
      }),
      { numRuns: 60 },
    );
  });

  it('come in an order that stays, whatever their size', async () => {
    await fc.assert(
      fc.asyncProperty(secrets, query, async (all, asked) => {
        const server = await setUp(all, [{ verb: 'allow', on: '**' }]);
        expect(await pages(server, asked)).toEqual(await pages(server, { ...asked, limit: 1_000 }));
      }),
      { numRuns: 30 },
    );
  });

  it('hold everything once that stays as it is while others write, delete and relabel', async () => {
    await fc.assert(
      fc.asyncProperty(
        secrets,
        fc.array(change, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 3 }),
        async (all, changes, limit) => {
          const server = await setUp(all, [{ verb: 'allow', on: '**' }]);
          const left = [...changes];
          const seen = await pages(server, { recursive: true, limit }, async () => {
            const next = left.shift();
            if (next?.gone) await server.remove.perform(admin, request, next.path).catch(() => undefined);
            else if (next) await server.put(next);
          });
          expect(new Set(seen).size).toBe(seen.length);
          expect(seen.filter((text) => !text.endsWith('/moving')).toSorted()).toEqual(all.map((secret) => secret.path).toSorted());
        },
      ),
      { numRuns: 40 },
    );
  });
});
