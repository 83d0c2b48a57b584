import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { printData } from '../terminal.ts';

/** Lists the trust domains that are trusted. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], { json: { type: 'boolean' } });
  const list = await call<'listTrustBundles'>(callerEndpoint(), { method: 'GET', target: '/trust-bundles' });
  await printData(list, list.items.map(({ trustDomain }) => trustDomain), values.json); // prettier-ignore
}
