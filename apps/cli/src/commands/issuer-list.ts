import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { printData } from '../terminal.ts';

/** Lists the issuers by name. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], { json: { type: 'boolean' } });
  const list = await call<'listIssuers'>(callerEndpoint(), { method: 'GET', target: '/issuers' });
  await printData(list, list.items.map(({ issuer, kind, url }) => `${issuer} ${kind} ${url}`), values.json); // prettier-ignore
}
