import type { RequestOf, ResponseOf } from '#contract';
import { parse, parseDuration } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { usageFailure } from '../failure.ts';
import { readInput } from '../input.ts';
import { parseRoles } from '../role-file.ts';
import { printData, say } from '../terminal.ts';

type Page = ResponseOf<'simulate'>;
type Change = Page['items'][number];

const OPTIONS = {
  file: { type: 'string', short: 'f' },
  deleted: { type: 'string' },
  since: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Says whose access would change with the roles of a file, each by itself, or without a role. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], OPTIONS);
  const { file, deleted, since, json } = values;
  if ((file === undefined) === (deleted === undefined)) throw usageFailure('it takes -f FILE or --deleted NAME');
  const roles = file === undefined ? [] : parseRoles(readInput(file, 'the file of the roles').toString('utf8'));
  const ago = since === undefined ? undefined : { since: timeBefore(parseDuration(since, '--since')) };
  const changes = file === undefined ? [{ deleted }] : roles.map((role) => ({ role }));
  const items: Change[] = [];
  for (const change of changes) items.push(...(await simulateAll({ ...change, ...ago })));
  await printData({ items }, items.length === 0 ? ['nobody gains or loses anything'] : items.map(lineOf), json);
}

/** RFC 3339, so many seconds ago. */
function timeBefore(seconds: number): string {
  return new Date(Date.now() - 1_000 * seconds).toISOString();
}

async function simulateAll(body: RequestOf<'simulate'>): Promise<readonly Change[]> {
  const found = new Map<string, Change>();
  let cursor: string | undefined;
  do {
    const page: Page = await call<'simulate'>(callerEndpoint(), { method: 'POST', target: '/authz:simulate', body: { ...body, cursor } });
    for (const item of page.items) keep(found, item);
    if (page.withheld?.includes('log')) say('the log was not looked at: that takes audit:read on **');
    if (page.partial) say('there is more than was worked out');
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return [...found.values()];
}

/** What was found in several ways is one change. */
function keep(found: Map<string, Change>, item: Change): void {
  const key = `${item.change} ${item.caller} ${item.action} ${item.resource}`;
  if (!found.has(key)) found.set(key, item);
}

function lineOf({ change, caller, action, resource, rule, conditional, by }: Change): string {
  const through = `${change === 'gained' ? 'by' : 'no longer by'} ${rule}${conditional ? ', in part' : ''}`;
  const source = by === 'log' ? ' (which it did)' : '';
  return `${change === 'gained' ? '+' : '-'} ${caller}: ${action} on ${resource}, ${through}${source}`;
}
