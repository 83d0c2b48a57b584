import { parse, parseCount } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { namedTarget } from '../target.ts';
import { printData } from '../terminal.ts';

/** Says what has changed from one version of a role to another. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['NAME', 'A?', 'B?'], { json: { type: 'boolean' } });
  const [name = '', from, to] = positionals;
  const query = new URLSearchParams();
  if (from !== undefined) query.set('from', String(parseCount(from, 'A')));
  if (to !== undefined) query.set('to', String(parseCount(to, 'B')));
  const asked = query.size === 0 ? '' : `?${query.toString()}`;
  const found = await call<'compareRoleVersions'>(callerEndpoint(), {
    method: 'GET',
    target: `${namedTarget('roles', name)}:diff${asked}`,
  });
  await printData(found, found.diff, values.json);
}
