import type { ResponseOf } from '#contract';
import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { printData } from '../terminal.ts';

type Item = ResponseOf<'listSecrets'>['items'][number];

const OPTIONS = {
  recursive: { type: 'boolean', short: 'r' },
  label: { type: 'string', multiple: true },
  query: { type: 'string', short: 'q' },
  json: { type: 'boolean' },
} as const;

/** Lists what the caller may list, page after page, sorted: a page is in no order that a name would tell. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['PREFIX?'], OPTIONS);
  const query = new URLSearchParams({ limit: '1000' });
  if (positionals[0] !== undefined) query.set('prefix', positionals[0]);
  if (values.recursive === true) query.set('recursive', 'true');
  if (values.label !== undefined) query.set('label', values.label.join(','));
  if (values.query !== undefined) query.set('q', values.query);
  const items = (await listAll(query)).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  await printData({ items }, items.map(({ path }) => path), values.json); // prettier-ignore
}

async function listAll(query: URLSearchParams): Promise<Item[]> {
  const endpoint = callerEndpoint();
  const items: Item[] = [];
  for (let more = true; more;) {
    const page = await call<'listSecrets'>(endpoint, { method: 'GET', target: `/secrets?${query.toString()}` });
    items.push(...page.items);
    if (page.nextCursor !== undefined) query.set('cursor', page.nextCursor);
    more = page.nextCursor !== undefined;
  }
  return items;
}
