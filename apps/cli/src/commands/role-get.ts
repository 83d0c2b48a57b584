import { parse, parseCount } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { printData } from '../terminal.ts';
import { namedTarget } from '../target.ts';

/** Shows a role, to people as the YAML that `role apply` takes. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['NAME'], { json: { type: 'boolean' }, version: { type: 'string' } });
  const query = values.version === undefined ? '' : `?version=${parseCount(values.version, '--version')}`;
  const target = `${namedTarget('roles', positionals[0] ?? '')}${query}`;
  const stored = await call<'getRole'>(callerEndpoint(), { method: 'GET', target });
  const { formatRoles } = await import('../role-file.ts');
  await printData(stored, formatRoles([stored]).trimEnd().split('\n'), values.json);
}
