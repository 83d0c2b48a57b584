import { lineOf } from '../approval-line.ts';
import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { namedTarget } from '../target.ts';
import { printData } from '../terminal.ts';

/** Approves what somebody else has asked for. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['ID'], { reason: { type: 'string' }, json: { type: 'boolean' } });
  const target = `${namedTarget('approvals', positionals[0] ?? '')}:approve`;
  const approval = await call<'approve'>(callerEndpoint(), { method: 'POST', target, body: { reason: values.reason } });
  await printData(approval, [lineOf(approval)], values.json);
}
