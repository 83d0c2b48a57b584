import type { ResponseOf } from '#contract';
import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { usageFailure } from '../failure.ts';
import { readInput } from '../input.ts';
import { parseRoles } from '../role-file.ts';
import { printData } from '../terminal.ts';

type Applied = ResponseOf<'applyRoles'>['items'][number];

const OPTIONS = {
  file: { type: 'string', short: 'f' },
  reason: { type: 'string' },
  'dry-run': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** Applies the roles of a file, all of them or none, or says what that would change. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], OPTIONS);
  if (values.file === undefined) throw usageFailure('-f FILE is missing');
  const roles = parseRoles(readInput(values.file, 'the file of the roles').toString('utf8'));
  const { reason, 'dry-run': dryRun } = values;
  const { items } = await call<'applyRoles'>(callerEndpoint(), { method: 'POST', target: '/roles:apply', body: { roles, reason, dryRun } });
  await printData({ items }, items.flatMap(dryRun === true ? proposalOf : resultOf), values.json); // prettier-ignore
}

function resultOf({ role, version, change }: Applied): string[] {
  return [`${role} version ${version}${change === 'unchanged' ? ', unchanged' : ''}`];
}

function proposalOf(applied: Applied): string[] {
  const { role, version, change, escalates, diff = [] } = applied;
  if (change === 'unchanged') return resultOf(applied);
  return [
    `${role} would be ${change}, version ${version}${escalates ? ': it gives more than before' : ''}`,
    ...diff.map((line) => `  ${line}`),
  ];
}
