import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { namedTarget } from '../target.ts';
import { printData } from '../terminal.ts';

/** Shows an issuer, to people as the YAML that `issuer apply` takes. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['NAME'], { json: { type: 'boolean' } });
  const stored = await call<'getIssuer'>(callerEndpoint(), { method: 'GET', target: namedTarget('issuers', positionals[0] ?? '') });
  const { stringify } = await import('yaml');
  const { version: _version, updatedAt: _updatedAt, updatedBy: _updatedBy, ...issuer } = stored;
  await printData(stored, stringify(issuer).trimEnd().split('\n'), values.json);
}
