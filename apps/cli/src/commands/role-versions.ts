import type { ResponseOf } from '#contract';
import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { namedTarget } from '../target.ts';
import { printData } from '../terminal.ts';

type Version = ResponseOf<'listRoleVersions'>['items'][number];

/** Says who changed a role, when and why, the latest first. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['NAME'], { json: { type: 'boolean' } });
  const target = `${namedTarget('roles', positionals[0] ?? '')}:versions`;
  const list = await call<'listRoleVersions'>(callerEndpoint(), { method: 'GET', target });
  await printData(list, list.items.map(lineOf), values.json); // prettier-ignore
}

function lineOf({ version, updatedAt, updatedBy, reason, deleted }: Version): string {
  return [version, updatedAt, updatedBy, ...(deleted ? ['deleted'] : []), ...(reason === undefined ? [] : [reason])].join('  ');
}
