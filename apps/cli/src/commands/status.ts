import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { operatorEndpoint } from '../client-settings.ts';
import { printData } from '../terminal.ts';

/** Says whether the server is sealed. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], { json: { type: 'boolean' } });
  const status = await call<'readStatus'>(operatorEndpoint(), { method: 'GET', target: '/system/status' });
  await printData(status, [status.sealed ? 'sealed' : 'unsealed', `version ${status.version}`], values.json);
}
