import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { namedTarget } from '../target.ts';

/** Disables an operator: its sessions end, and it has no role. */
export async function run(args: readonly string[]): Promise<void> {
  const { positionals } = parse(args, ['NAME'], {});
  const target = namedTarget('operators', positionals[0] ?? '');
  await call<'changeOperator'>(callerEndpoint(), { method: 'PATCH', target, body: { disabled: true } });
}
