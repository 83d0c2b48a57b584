import { lineOf } from '../approval-line.ts';
import { parse, parseDuration } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { usageFailure } from '../failure.ts';
import { printData } from '../terminal.ts';

const OPTIONS = { reason: { type: 'string' }, ttl: { type: 'string' }, many: { type: 'boolean' }, json: { type: 'boolean' } } as const;

/** Asks for the approval of a second operator. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['ACTION', 'RESOURCE'], OPTIONS);
  const [action = '', resource = ''] = positionals;
  if (values.reason === undefined) throw usageFailure('--reason TEXT is missing');
  const ttl = values.ttl === undefined ? {} : { ttl: parseDuration(values.ttl, '--ttl') };
  const body = { action, resource, reason: values.reason, once: values.many !== true, ...ttl };
  const approval = await call<'requestApproval'>(callerEndpoint(), { method: 'POST', target: '/approvals', body });
  await printData(approval, [lineOf(approval)], values.json);
}
