import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { ResponseOf } from '#contract';
import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { operatorEndpoint, workloadEndpoint } from '../client-settings.ts';
import { makeCertificateRequest } from '../csr.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { readLine } from '../input.ts';
import { makePrivateDirectory, writePrivateFile } from '../private-file.ts';
import { RETRY_MS, untilRenewal } from '../renewal.ts';
import { say } from '../terminal.ts';

type Issued = ResponseOf<'issueCertificate'>;

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
  makePrivateDirectory(out);
  if (token !== undefined) await firstCertificate(out, token);
  if (values.watch === true) await keepRenewed(out);
}

async function firstCertificate(out: string, token: string): Promise<void> {
  const { key, csr } = makeCertificateRequest();
  const issued = await call<'issueCertificate'>(operatorEndpoint(), { method: 'POST', target: '/certificates', body: { csr, token } });
  keep(out, key, issued);
}

/** Ends only when the server says that it won't renew any more; whatever may pass is tried again. */
async function keepRenewed(out: string): Promise<never> {
  for (;;) {
    const wait = untilRenewal(new X509Certificate(readFileSync(join(out, 'cert.pem'))), Date.now());
    await (wait > 0 ? after(wait) : renewOrSay(out));
  }
}

async function renewOrSay(out: string): Promise<void> {
  try {
    await renew(out);
  } catch (error) {
    if (!(error instanceof Failure) || error.exit === EXIT.denied) throw error;
    say(`not renewed yet: ${error.message}`);
    await after(RETRY_MS);
  }
}

async function renew(out: string): Promise<void> {
  const cert = readFileSync(join(out, 'cert.pem'));
  const { key, csr } = makeCertificateRequest();
  const endpoint = workloadEndpoint(cert, readFileSync(join(out, 'key.pem')));
  keep(out, key, await call<'issueCertificate'>(endpoint, { method: 'POST', target: '/certificates', body: { csr } }));
}

/** The key goes first: a reader who meets a new key with an old certificate fails to connect and reads again. */
function keep(out: string, key: string, { chain, trustBundle, notAfter }: Issued): void {
  writePrivateFile(join(out, 'key.pem'), key, 0o600);
  writePrivateFile(join(out, 'cert.pem'), chain, 0o644);
  writePrivateFile(join(out, 'ca.pem'), trustBundle, 0o644);
  say(`certificate until ${notAfter}`);
}
