import type { RequestOf } from '#contract';
import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { operatorEndpoint } from '../client-settings.ts';
import { Failure, usageFailure } from '../failure.ts';
import { readInput, readSecret } from '../input.ts';
import { printData } from '../terminal.ts';

const OPTIONS = {
  slot: { type: 'string' },
  'passphrase-file': { type: 'string' },
  'key-file': { type: 'string' },
  json: { type: 'boolean' },
} as const;

const KEY_BYTES = 32;

/** Opens the server by one slot. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], OPTIONS);
  const slot = values.slot ?? (values['key-file'] === undefined ? 'passphrase' : 'file');
  const body = await requestOf(slot, values['passphrase-file'], values['key-file']);
  const answer = await call<'unseal'>(operatorEndpoint(), { method: 'POST', target: '/system/unseal', body });
  await printData(answer, [answer.sealed ? 'still sealed' : 'unsealed'], values.json);
}

async function requestOf(slot: string, passphraseFile: string | undefined, keyFile: string | undefined): Promise<RequestOf<'unseal'>> {
  if (slot === 'passphrase') return { slot, passphrase: await readSecret('passphrase', passphraseFile) };
  if (slot !== 'file') throw usageFailure('a slot is passphrase or file');
  return keyFile === undefined ? { slot } : { slot, key: readKey(keyFile) };
}

/** A key file holds the key as it is, or as base64. */
function readKey(file: string): string {
  const bytes = readInput(file, 'the key file');
  const key = bytes.length === KEY_BYTES ? bytes : Buffer.from(bytes.toString('utf8').trim(), 'base64');
  if (key.length !== KEY_BYTES) throw new Failure('the key file does not hold 32 bytes, as they are or as base64');
  return key.toString('base64');
}
