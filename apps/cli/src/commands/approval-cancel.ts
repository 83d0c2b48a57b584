import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { namedTarget } from '../target.ts';

/** Takes back what one has asked for. */
export async function run(args: readonly string[]): Promise<void> {
  const { positionals } = parse(args, ['ID'], {});
  const target = `${namedTarget('approvals', positionals[0] ?? '')}:cancel`;
  await call<'cancelApproval'>(callerEndpoint(), { method: 'POST', target, body: {} });
}
