import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { printData } from '../terminal.ts';

/** Lists the operators by name. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], { json: { type: 'boolean' } });
  const list = await call<'listOperators'>(callerEndpoint(), { method: 'GET', target: '/operators' });
  const lines = list.items.map(({ name, state, groups }) => [name, state, ...groups].join(' '));
  await printData(list, lines, values.json);
}
