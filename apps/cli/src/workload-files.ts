import { createPrivateKey, type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ResponseOf } from '#contract';
import { newKey } from './csr.ts';
import { systemFailure } from './failure.ts';
import { makePrivateDirectory, replaceLink, writePrivateFile } from './private-file.ts';

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

/** The files of one answer, and who may read them. Each is a link through `..data`, so that one step changes all of them. */
const MODES = { 'key.pem': 0o600, 'cert.pem': 0o644, 'ca.pem': 0o644 } as const;
type Name = keyof typeof MODES;
const NAMES: readonly Name[] = ['key.pem', 'cert.pem', 'ca.pem'];

const CURRENT = '..data';
const GENERATION = '..issued-';

/**
 * Keeps a certificate with the key that it was asked for. A kill or a power cut at any moment leaves all files of one answer: the old
 * ones or the new ones. That the key was asked for is forgotten last.
 */
export function keepCertificate(directory: string, key: KeyObject, { chain, trustBundle }: ResponseOf<'issueCertificate'>): void {
  if (!NAMES.every((name) => isOurLink(directory, name))) adopt(directory);
  publish(directory, { 'key.pem': key.export({ type: 'pkcs8', format: 'pem' }), 'cert.pem': chain, 'ca.pem': trustBundle });
  rmSync(join(directory, NEXT_KEY), { force: true });
}

/** Takes files that were put here otherwise into the links, without changing what a reader sees. */
function adopt(directory: string): void {
  const present = NAMES.filter((name) => existsSync(join(directory, name)));
  publish(directory, Object.fromEntries(present.map((name) => [name, readFileSync(join(directory, name))])));
  for (const name of NAMES) replaceLink(join(directory, name), join(CURRENT, name));
}

/** Writes a generation of files, makes it the current one in one step, and removes those before it. */
function publish(directory: string, files: Partial<Record<Name, string | Buffer>>): void {
  const generation = `${GENERATION}${randomBytes(8).toString('hex')}`;
  makePrivateDirectory(join(directory, generation), 0o755);
  for (const name of NAMES) {
    const content = files[name];
    if (content !== undefined) writePrivateFile(join(directory, generation, name), content, MODES[name]);
  }
  replaceLink(join(directory, CURRENT), generation);
  const stale = readdirSync(directory).filter((name) => name.startsWith(GENERATION) && name !== generation);
  for (const name of stale) rmSync(join(directory, name), { recursive: true, force: true });
}

function isOurLink(directory: string, name: Name): boolean {
  try {
    return readlinkSync(join(directory, name)) === join(CURRENT, name);
  } catch {
    return false; // nothing, or a file
  }
}

/** What `join` left. @throws Failure where it never did */
export function readWorkloadFiles(directory: string): WorkloadFiles {
  try {
    return { cert: readFileSync(join(directory, 'cert.pem')), key: readFileSync(join(directory, 'key.pem')) };
  } catch (error) {
    throw systemFailure('there is no certificate to renew', error, 'the first one needs --token-file, --jwt-file or --kubernetes');
  }
}

/** Whether there is a certificate that can still be renewed. */
export function hasCertificateInDate(directory: string): boolean {
  return existsSync(join(directory, 'cert.pem')) && Date.now() < readCertificate(readWorkloadFiles(directory).cert).validToDate.getTime();
}

/** What is certified in PEM. @throws Failure where it is no certificate */
export function readCertificate(pem: Buffer | string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw systemFailure('this is not a certificate', error);
  }
}
