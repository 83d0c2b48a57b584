import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';

/** Seals the server. */
export async function run(args: readonly string[]): Promise<void> {
  parse(args, [], {});
  await call<'seal'>(callerEndpoint(), { method: 'POST', target: '/system/seal' });
}
