import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { printData } from '../terminal.ts';
import { namedTarget } from '../target.ts';

/** Shows a role, to people as the YAML that `role apply` takes. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['NAME'], { json: { type: 'boolean' } });
  const stored = await call<'getRole'>(callerEndpoint(), { method: 'GET', target: namedTarget('roles', positionals[0] ?? '') });
  const { stringify } = await import('yaml');
  const { role, rules, bind } = stored;
  await printData(stored, stringify({ role, rules, bind }).trimEnd().split('\n'), values.json);
}
