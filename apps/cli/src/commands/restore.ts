import { parse, parseCount } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { secretTarget } from '../target.ts';

/** Brings back the named versions, or what the latest delete took. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['PATH'], { version: { type: 'string', multiple: true } });
  const versions = values.version?.map((version) => parseCount(version, '--version'));
  const target = `${secretTarget(positionals[0] ?? '')}:restore`;
  await call<'restoreSecret'>(callerEndpoint(), { method: 'POST', target, body: versions === undefined ? {} : { versions } });
}
