import { parse, parseCount } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { namedTarget } from '../target.ts';

/** Deletes a role; its versions are kept. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['NAME'], { reason: { type: 'string' }, 'if-version': { type: 'string' } });
  const query = new URLSearchParams();
  if (values.reason !== undefined) query.set('reason', values.reason);
  if (values['if-version'] !== undefined) query.set('ifVersion', String(parseCount(values['if-version'], '--if-version')));
  const asked = query.size === 0 ? '' : `?${query.toString()}`;
  await call<'deleteRole'>(callerEndpoint(), { method: 'DELETE', target: `${namedTarget('roles', positionals[0] ?? '')}${asked}` });
}
