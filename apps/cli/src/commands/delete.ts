import { parse, parseCount } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { secretTarget } from '../target.ts';

/** Deletes a secret or one version of it; `holdfast restore` brings it back. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['PATH'], { version: { type: 'string' } });
  const query = values.version === undefined ? '' : `?version=${parseCount(values.version, '--version')}`;
  await call<'deleteSecret'>(callerEndpoint(), { method: 'DELETE', target: `${secretTarget(positionals[0] ?? '')}${query}` });
}
