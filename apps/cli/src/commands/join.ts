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
import { hasCertificateInDate, keepCertificate, nextKey, readCertificate, readWorkloadFiles } from '../workload-files.ts';

const OPTIONS = {
  token: { type: 'string' },
  'token-file': { type: 'string' },
  'jwt-file': { type: 'string' },
  kubernetes: { type: 'boolean' },
  out: { type: 'string' },
  watch: { type: 'boolean' },
} as const;

/** Where our manifests mount the projected ServiceAccount token. */
const PROJECTED_TOKEN = '/var/run/secrets/holdfast/token';

/** What a first certificate is asked for with: a one-time token, or a token of an issuer, which its file has a newer one of each time. */
type Proof = { readonly token: string } | { readonly jwtFile: string };

/** Gets a workload's first certificate. With `--watch` it stays and renews when two thirds are over. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], OPTIONS);
  const { out, watch = false } = values;
  if (out === undefined) throw usageFailure('--out DIR is missing');
  const proof = proofOf(values);
  if (proof === undefined && !watch) throw usageFailure('--token, --token-file, --jwt-file or --kubernetes is missing');
  makePrivateDirectory(out);
  const jwtFile = proof !== undefined && 'jwtFile' in proof ? proof.jwtFile : undefined;
  if (watch && jwtFile !== undefined) return keepRenewed(out, jwtFile);
  if (proof !== undefined) await certify(out, operatorEndpoint(), proof);
  if (watch) await keepRenewed(out);
}

function proofOf(values: ReturnType<typeof parse<typeof OPTIONS>>['values']): Proof | undefined {
  const { token, 'token-file': tokenFile, 'jwt-file': jwtFile, kubernetes } = values;
  const given = [token, tokenFile, jwtFile, kubernetes === true ? PROJECTED_TOKEN : undefined].filter((each) => each !== undefined);
  if (given.length > 1) throw usageFailure('one of --token, --token-file, --jwt-file and --kubernetes is enough');
  if (jwtFile !== undefined || kubernetes === true) return { jwtFile: jwtFile ?? PROJECTED_TOKEN };
  const oneTime = token ?? (tokenFile === undefined ? undefined : readLine(tokenFile, 'the file of the token'));
  if (oneTime === '') throw usageFailure('the token is empty');
  return oneTime === undefined ? undefined : { token: oneTime };
}

/**
 * Ends only when the server says that it won't renew any more; whatever may pass is tried again. With a file of tokens it begins anew where
 * there is no certificate that is in date.
 */
async function keepRenewed(out: string, jwtFile?: string): Promise<never> {
  for (;;) {
    if (jwtFile !== undefined && !hasCertificateInDate(out)) {
      await certifyOrSay(() => certify(out, operatorEndpoint(), { jwtFile }));
      continue;
    }
    const { cert, key } = readWorkloadFiles(out);
    const wait = untilRenewal(readCertificate(cert), Date.now());
    await (wait > 0 ? after(wait) : certifyOrSay(() => certify(out, workloadEndpoint(cert, key))));
  }
}

async function certifyOrSay(attempt: () => Promise<void>): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof Failure) || error.exit === EXIT.denied) throw error;
    say(`no new certificate yet: ${error.message}`);
    await after(RETRY_MS);
  }
}

/** Asks for a certificate and keeps it once it can be used. A lost answer costs nothing: asked again, it is for the same key. */
async function certify(out: string, endpoint: Endpoint, proof?: Proof): Promise<void> {
  const key = nextKey(out);
  const body = { csr: certificateRequest(key), ...(proof && proofIn(proof)) };
  const issued = await call<'issueCertificate'>(endpoint, { method: 'POST', target: '/certificates', body });
  await after(untilBegun(readCertificate(issued.chain), Date.now()));
  keepCertificate(out, key, issued);
  say(`certificate until ${issued.notAfter}`);
}

function proofIn(proof: Proof): { token: string } | { jwt: string } {
  if ('token' in proof) return proof;
  const jwt = readLine(proof.jwtFile, 'the file of the JWT');
  if (jwt === '') throw usageFailure('the file of the JWT is empty');
  return { jwt };
}
