import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { printData } from '../terminal.ts';

/** Lists the providers by name. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], { json: { type: 'boolean' } });
  const list = await call<'listProviders'>(callerEndpoint(), { method: 'GET', target: '/providers' });
  await printData(list, list.items.map(({ name, issuer }) => `${name} ${issuer}`), values.json); // prettier-ignore
}
