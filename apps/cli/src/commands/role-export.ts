import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { formatRoles } from '../role-file.ts';
import { namedTarget } from '../target.ts';
import { print } from '../terminal.ts';

/** Writes roles, or all that may be listed, as the YAML that `role apply` takes. */
export async function run(args: readonly string[]): Promise<void> {
  const { positionals } = parse(args, ['NAME…'], {});
  const endpoint = callerEndpoint();
  const named = positionals.map((name) => call<'getRole'>(endpoint, { method: 'GET', target: namedTarget('roles', name) }));
  const roles =
    named.length > 0 ? await Promise.all(named) : (await call<'listRoles'>(endpoint, { method: 'GET', target: '/roles' })).items;
  await print(formatRoles(roles));
}
