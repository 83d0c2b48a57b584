import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { namedTarget } from '../target.ts';
import { printData } from '../terminal.ts';
import { bundleLines } from '../trust-lines.ts';

/** Shows the bundle of a trust domain: its CAs and their revocation lists. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['DOMAIN'], { json: { type: 'boolean' } });
  const target = namedTarget('trust-bundles', positionals[0] ?? '');
  const bundle = await call<'getTrustBundle'>(callerEndpoint(), { method: 'GET', target });
  await printData(bundle, bundleLines(bundle), values.json);
}
