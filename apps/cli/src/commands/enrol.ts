import { parse, parseDuration } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { print, printable } from '../terminal.ts';

/** Makes a one-time token for a workload and prints it, this once. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['SPIFFE-ID'], { ttl: { type: 'string' }, json: { type: 'boolean' } });
  const [spiffeId = ''] = positionals;
  const ttl = values.ttl === undefined ? {} : { ttl: parseDuration(values.ttl, '--ttl') };
  const enrolment = await call<'enrol'>(callerEndpoint(), { method: 'POST', target: '/enrolments', body: { spiffeId, ...ttl } });
  await print(values.json === true ? `${JSON.stringify(enrolment, null, 2)}\n` : `${printable(enrolment.token)}\n`);
}
