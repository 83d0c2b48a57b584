import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { namedTarget } from '../target.ts';

/** Takes a provider off the record, with the sessions that were opened there. */
export async function run(args: readonly string[]): Promise<void> {
  const { positionals } = parse(args, ['NAME'], {});
  await call<'deleteProvider'>(callerEndpoint(), { method: 'DELETE', target: namedTarget('providers', positionals[0] ?? '') });
}
