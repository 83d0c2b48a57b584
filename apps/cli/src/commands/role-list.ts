import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { printData } from '../terminal.ts';

/** Lists the roles by name. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], { json: { type: 'boolean' } });
  const list = await call<'listRoles'>(callerEndpoint(), { method: 'GET', target: '/roles' });
  await printData(list, list.items.map(({ role }) => role), values.json); // prettier-ignore
}
