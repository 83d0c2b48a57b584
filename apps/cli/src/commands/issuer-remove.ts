import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { namedTarget } from '../target.ts';

/** Trusts an issuer no longer. */
export async function run(args: readonly string[]): Promise<void> {
  const { positionals } = parse(args, ['NAME'], {});
  await call<'deleteIssuer'>(callerEndpoint(), { method: 'DELETE', target: namedTarget('issuers', positionals[0] ?? '') });
}
