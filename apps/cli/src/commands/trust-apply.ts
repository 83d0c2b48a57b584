import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { Failure, usageFailure } from '../failure.ts';
import { readInput } from '../input.ts';
import { namedTarget } from '../target.ts';
import { printData } from '../terminal.ts';
import { bundleLines } from '../trust-lines.ts';

/** Trusts a trust domain by its bundle, or brings its revocation lists up to date. */
export async function run(args: readonly string[]): Promise<void> {
  const options = { file: { type: 'string', short: 'f' }, crl: { type: 'string', multiple: true }, json: { type: 'boolean' } } as const;
  const { values, positionals } = parse(args, ['DOMAIN'], options);
  const { file, crl } = values;
  if (file === undefined && crl === undefined) throw usageFailure('-f FILE is missing', 'or --crl FILE, where the bundle is there already');
  const endpoint = callerEndpoint();
  const target = namedTarget('trust-bundles', positionals[0] ?? '');
  let bundle;
  if (file !== undefined) bundle = await call<'putTrustBundle'>(endpoint, { method: 'PUT', target, body: bundleOf(file) });
  if (crl !== undefined)
    bundle = await call<'putCrls'>(endpoint, { method: 'PUT', target: `${target}:crl`, body: { crls: crl.map(listOf) } });
  if (bundle !== undefined) await printData(bundle, bundleLines(bundle), values.json);
}

/** A SPIFFE bundle document is JSON; everything else is taken for PEM. */
function bundleOf(file: string): { pem: string } | { jwks: { keys: { kty: string }[] } } {
  const text = readInput(file, 'the file of the bundle').toString('utf8');
  if (!text.trimStart().startsWith('{')) return { pem: text };
  try {
    return { jwks: JSON.parse(text) };
  } catch {
    throw new Failure('the file of the bundle is neither PEM nor JSON');
  }
}

/** PEM goes as it is, DER as base64. */
function listOf(file: string): string {
  const bytes = readInput(file, 'the file of the revocation list');
  return bytes.subarray(0, 5).toString('latin1') === '-----' ? bytes.toString('latin1') : bytes.toString('base64');
}
