import { lineOf } from '../approval-line.ts';
import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { printData } from '../terminal.ts';

/** Lists what is asked for and has not ended. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], { own: { type: 'boolean' }, json: { type: 'boolean' } });
  const target = values.own === true ? '/approvals?own=true' : '/approvals';
  const list = await call<'listApprovals'>(callerEndpoint(), { method: 'GET', target });
  await printData(list, list.items.map(lineOf), values.json); // prettier-ignore
}
