import { setTimeout as after } from 'node:timers/promises';
import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { type Endpoint, operatorEndpoint, workloadEndpoint } from '../client-settings.ts';
import { certificateRequest } from '../csr.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { readLine } from '../input.ts';
import { makePrivateDirectory } from '../private-file.ts';
import { RETRY_MS, untilBegun, untilRenewal } from '../renewal.ts';
import { say } from '../terminal.ts';
import { keepCertificate, nextKey, readCertificate, readWorkloadFiles } from '../workload-files.ts';

const OPTIONS = {
  token: { type: 'string' },
  'token-file': { type: 'string' },
  out: { type: 'string' },
  watch: { type: 'boolean' },
} as const;

/** Gets a workload's first certificate with a one-time token. With `--watch` it stays and renews when two thirds are over. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], OPTIONS);
  const { out } = values;
  if (out === undefined) throw usageFailure('--out DIR is missing');
  const file = values['token-file'];
  const token = values.token ?? (file === undefined ? undefined : readLine(file, 'the file of the token'));
  if (token === undefined && values.watch !== true) throw usageFailure('--token or --token-file is missing');
  if (token === '') throw usageFailure('the token is empty');
  makePrivateDirectory(out);
  if (token !== undefined) await certify(out, operatorEndpoint(), token);
  if (values.watch === true) await keepRenewed(out);
}

/** Ends only when the server says that it won't renew any more; whatever may pass is tried again. */
async function keepRenewed(out: string): Promise<never> {
  for (;;) {
    const wait = untilRenewal(readCertificate(readWorkloadFiles(out).cert), Date.now());
    await (wait > 0 ? after(wait) : renewOrSay(out));
  }
}

async function renewOrSay(out: string): Promise<void> {
  const { cert, key } = readWorkloadFiles(out);
  try {
    await certify(out, workloadEndpoint(cert, key));
  } catch (error) {
    if (!(error instanceof Failure) || error.exit === EXIT.denied) throw error;
    say(`not renewed yet: ${error.message}`);
    await after(RETRY_MS);
  }
}

/** Asks for a certificate and keeps it once it can be used. A lost answer costs nothing: asked again, it is for the same key. */
async function certify(out: string, endpoint: Endpoint, token?: string): Promise<void> {
  const key = nextKey(out);
  const body = { csr: certificateRequest(key), token };
  const issued = await call<'issueCertificate'>(endpoint, { method: 'POST', target: '/certificates', body });
  await after(untilBegun(readCertificate(issued.chain), Date.now()));
  keepCertificate(out, key, issued);
  say(`certificate until ${issued.notAfter}`);
}
