import { parse, parseCount } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { usageFailure } from '../failure.ts';
import { secretTarget } from '../target.ts';

/** Destroys the named versions for good. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['PATH'], { version: { type: 'string', multiple: true } });
  const versions = values.version?.map((version) => parseCount(version, '--version'));
  if (versions === undefined) throw usageFailure('--version is missing', 'nothing is destroyed that is not named');
  const target = `${secretTarget(positionals[0] ?? '')}:destroy`;
  await call<'destroyVersions'>(callerEndpoint(), { method: 'POST', target, body: { versions } });
}
