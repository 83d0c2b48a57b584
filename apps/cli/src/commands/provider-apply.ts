import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { usageFailure } from '../failure.ts';
import { readInput, readLine } from '../input.ts';
import { parseProviders } from '../provider-file.ts';
import { printData } from '../terminal.ts';
import { namedTarget } from '../target.ts';

const OPTIONS = { file: { type: 'string', short: 'f' }, 'client-secret-file': { type: 'string' }, json: { type: 'boolean' } } as const;

/** Puts the providers of a file on record, each by itself. Their secret comes from a file of its own. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], OPTIONS);
  if (values.file === undefined) throw usageFailure('-f FILE is missing');
  const providers = parseProviders(readInput(values.file, 'the file of the providers').toString('utf8'));
  const file = values['client-secret-file'];
  if (file !== undefined && providers.length > 1) throw usageFailure('one secret is for one provider');
  const secret = file === undefined ? {} : { clientSecret: readLine(file, 'the file of the client secret') };
  const endpoint = callerEndpoint();
  const items = [];
  for (const { name, settings } of providers) {
    const body = { ...settings, ...secret };
    items.push(await call<'putProvider'>(endpoint, { method: 'PUT', target: namedTarget('providers', name), body }));
  }
  await printData({ items }, items.map(({ name, issuer }) => `${name} ${issuer}`), values.json); // prettier-ignore
}
