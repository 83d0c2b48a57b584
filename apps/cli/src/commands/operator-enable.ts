import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { namedTarget } from '../target.ts';

/** Enables an operator that was disabled. */
export async function run(args: readonly string[]): Promise<void> {
  const { positionals } = parse(args, ['NAME'], {});
  const target = namedTarget('operators', positionals[0] ?? '');
  await call<'changeOperator'>(callerEndpoint(), { method: 'PATCH', target, body: { disabled: false } });
}
