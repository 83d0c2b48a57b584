import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { namedTarget } from '../target.ts';

/** Deletes an operator, and ends all that it came in with. */
export async function run(args: readonly string[]): Promise<void> {
  const { positionals } = parse(args, ['NAME'], {});
  await call<'deleteOperator'>(callerEndpoint(), { method: 'DELETE', target: namedTarget('operators', positionals[0] ?? '') });
}
