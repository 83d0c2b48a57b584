import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ResponseOf } from '#contract';
import { newKey } from './csr.ts';
import { systemFailure } from './failure.ts';
import { writePrivateFile } from './private-file.ts';

/** What a workload shows the server. */
export interface WorkloadFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** The key that a certificate was asked for, until it is here. Beside `key.pem`, so that what a refusal leaves still works. */
const NEXT_KEY = 'key.pem.next';

/**
 * The key to ask a certificate for: the one of a question that no answer came to, else a new one. It is durable before it is shown to
 * the server, which spends a one-time token on one key and gives the same certificate to the same key again.
 */
export function nextKey(directory: string): KeyObject {
  const unanswered = readNextKey(directory);
  if (unanswered !== undefined) return unanswered;
  const key = newKey();
  writePrivateFile(join(directory, NEXT_KEY), key.export({ type: 'pkcs8', format: 'pem' }), 0o600);
  return key;
}

function readNextKey(directory: string): KeyObject | undefined {
  try {
    return createPrivateKey(readFileSync(join(directory, NEXT_KEY)));
  } catch {
    return undefined; // none, or nothing to ask with: a new one takes its place
  }
}

/**
 * Keeps a certificate with the key that it was asked for. The key goes first: a reader who meets a new key with an old certificate fails
 * to connect and reads again. That it was asked for is forgotten last.
 */
export function keepCertificate(directory: string, key: KeyObject, { chain, trustBundle }: ResponseOf<'issueCertificate'>): void {
  writePrivateFile(join(directory, 'key.pem'), key.export({ type: 'pkcs8', format: 'pem' }), 0o600);
  writePrivateFile(join(directory, 'cert.pem'), chain, 0o644);
  writePrivateFile(join(directory, 'ca.pem'), trustBundle, 0o644);
  rmSync(join(directory, NEXT_KEY), { force: true });
}

/** What `join` left. @throws Failure where it never did */
export function readWorkloadFiles(directory: string): WorkloadFiles {
  try {
    return { cert: readFileSync(join(directory, 'cert.pem')), key: readFileSync(join(directory, 'key.pem')) };
  } catch (error) {
    throw systemFailure('there is no certificate to renew', error, 'the first one needs --token or --token-file');
  }
}

/** What is certified in PEM. @throws Failure where it is no certificate */
export function readCertificate(pem: Buffer | string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw systemFailure('this is not a certificate', error);
  }
}
