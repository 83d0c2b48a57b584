import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { Failure, usageFailure } from '../failure.ts';
import { readInput } from '../input.ts';
import { parseIssuers } from '../issuer-file.ts';
import { namedTarget } from '../target.ts';
import { printData } from '../terminal.ts';

const OPTIONS = { file: { type: 'string', short: 'f' }, jwks: { type: 'string' }, json: { type: 'boolean' } } as const;

/** Puts the issuers of a file, in their order, each by itself. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], OPTIONS);
  if (values.file === undefined) throw usageFailure('-f FILE is missing');
  const jwks = values.jwks === undefined ? undefined : keySetIn(values.jwks);
  const endpoint = callerEndpoint();
  const items = [];
  for (const body of parseIssuers(readInput(values.file, 'the file of the issuers').toString('utf8'), jwks)) {
    items.push(await call<'putIssuer'>(endpoint, { method: 'PUT', target: namedTarget('issuers', body.issuer), body }));
  }
  await printData({ items }, items.map(({ issuer, version }) => `${issuer} version ${version}`), values.json); // prettier-ignore
}

function keySetIn(file: string): unknown {
  try {
    return JSON.parse(readInput(file, 'the file of the keys').toString('utf8'));
  } catch (error) {
    throw error instanceof Failure ? error : new Failure('the file of the keys is not JSON');
  }
}
