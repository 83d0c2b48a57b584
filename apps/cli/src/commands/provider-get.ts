import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { printData } from '../terminal.ts';
import { namedTarget } from '../target.ts';

/** Shows a provider, to people as the YAML that `provider apply` takes; its secret is never shown. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['NAME'], { json: { type: 'boolean' } });
  const target = namedTarget('providers', positionals[0] ?? '');
  const stored = await call<'getProvider'>(callerEndpoint(), { method: 'GET', target });
  const { stringify } = await import('yaml');
  const { name: provider, hasClientSecret: _, updatedAt: __, ...settings } = stored;
  await printData(
    stored,
    stringify({ provider, ...settings })
      .trimEnd()
      .split('\n'),
    values.json,
  );
}
