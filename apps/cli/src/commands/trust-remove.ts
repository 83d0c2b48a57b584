import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { namedTarget } from '../target.ts';

/** Trusts a trust domain no longer. */
export async function run(args: readonly string[]): Promise<void> {
  const { positionals } = parse(args, ['DOMAIN'], {});
  await call<'deleteTrustBundle'>(callerEndpoint(), { method: 'DELETE', target: namedTarget('trust-bundles', positionals[0] ?? '') });
}
