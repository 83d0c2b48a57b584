import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { usageFailure } from '../failure.ts';
import { readInput } from '../input.ts';
import { parseRoles } from '../role-file.ts';
import { printData } from '../terminal.ts';
import { namedTarget } from '../target.ts';

/** Applies the roles of a file, in their order, each by itself. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], { file: { type: 'string', short: 'f' }, json: { type: 'boolean' } });
  if (values.file === undefined) throw usageFailure('-f FILE is missing');
  const endpoint = callerEndpoint();
  const items = [];
  for (const role of parseRoles(readInput(values.file, 'the file of the roles').toString('utf8'))) {
    items.push(await call<'applyRole'>(endpoint, { method: 'PUT', target: namedTarget('roles', role.role), body: role }));
  }
  await printData({ items }, items.map(({ role, version }) => `${role} version ${version}`), values.json); // prettier-ignore
}
