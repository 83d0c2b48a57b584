import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestOf, ResponseOf } from '#contract';
import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { operatorEndpoint } from '../client-settings.ts';
import { usageFailure } from '../failure.ts';
import { readSecret } from '../input.ts';
import { makePrivateDirectory, writePrivateFile } from '../private-file.ts';
import { printData } from '../terminal.ts';

type Slot = RequestOf<'initialize'>['slots'][number];
type Answer = ResponseOf<'initialize'>;

const SLOT_KINDS = new Set(['passphrase', 'file']);
const OPERATOR_TOKEN = 'operator.token';

const OPTIONS = {
  slot: { type: 'string', multiple: true },
  'bootstrap-token-file': { type: 'string' },
  'passphrase-file': { type: 'string' },
  'key-file': { type: 'string' },
  out: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Makes the server's keys. What it prints is shown this once. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], OPTIONS);
  const kinds = values.slot ?? kindsOf(values);
  if (!kinds.every((kind) => SLOT_KINDS.has(kind))) throw usageFailure('a slot is passphrase or file');
  const bootstrapToken = await readSecret('bootstrap token', values['bootstrap-token-file']);
  const slots: Slot[] = [];
  for (const kind of kinds) slots.push(await slotOf(kind, values['passphrase-file']));
  if (values['key-file'] !== undefined) makeKeyFile(values['key-file']);
  if (values.out !== undefined) makePrivateDirectory(values.out);
  const answer = await call<'initialize'>(operatorEndpoint(), { method: 'POST', target: '/system/init', body: { bootstrapToken, slots } });
  try {
    if (values.out !== undefined) keep(values.out, answer);
  } finally {
    await printData(answer, linesOf(answer, values.out), values.json); // there is no second answer
  }
}

function linesOf({ fingerprint, logVerifierKey, operatorToken }: Answer, out: string | undefined): string[] {
  return [
    `root key fingerprint: ${fingerprint}`,
    `log verifier key:     ${logVerifierKey}`,
    `operator token:       ${operatorToken}`,
    `Next: holdfast unseal, then holdfast operator set-password NAME --token-file ${out === undefined ? 'FILE' : join(out, OPERATOR_TOKEN)}`,
  ];
}

async function slotOf(kind: string, file: string | undefined): Promise<Slot> {
  if (kind === 'file') return { kind };
  return { kind: 'passphrase', passphrase: await readSecret('passphrase', file, true) };
}

/** Without `--slot`, the files given say which slots are meant. */
function kindsOf(files: { 'passphrase-file'?: string; 'key-file'?: string }): string[] {
  const kinds = files['key-file'] === undefined ? [] : ['file'];
  return files['passphrase-file'] !== undefined || kinds.length === 0 ? ['passphrase', ...kinds] : kinds;
}

/** The file that the server's `unseal.file` names: 32 random bytes as base64, unless it is there already. */
function makeKeyFile(file: string): void {
  if (!existsSync(file)) writePrivateFile(file, `${randomBytes(32).toString('base64')}\n`, 0o600);
}

/** What comes next needs: the token of the first operator, and for clients and auditors, whom to trust and who signs the log. */
function keep(directory: string, { trustBundle, logVerifierKey, operatorToken }: Answer): void {
  writePrivateFile(join(directory, OPERATOR_TOKEN), `${operatorToken}\n`, 0o600);
  writePrivateFile(join(directory, 'ca.pem'), trustBundle, 0o644);
  writePrivateFile(join(directory, 'log.vkey'), `${logVerifierKey}\n`, 0o644);
}
