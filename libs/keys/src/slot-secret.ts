import { randomBytes } from 'node:crypto';
import { argon2id, hash } from 'argon2';
import { SecretBytes, XaesKey } from '#crypto';
import { KeysError } from './errors.ts';
import type { Slot } from './slot-file.ts';

const KEY_BYTES = 32;
const SALT_BYTES = 16;

/** argon2id with 64 MiB, 3 passes, 4 lanes (RFC 9106 section 4, second recommended option). */
const PASSPHRASE_COST = { memoryKiB: 65_536, passes: 3, lanes: 4 } as const;

/** More than anyone chooses, less than it takes to stop the server: the slot file is read before it can be trusted. */
const MOST = { memoryKiB: 1_048_576, passes: 16, lanes: 16 } as const;

/** What a person or a file holds to open a slot. A passphrase is normalised by NFKC; a file's key has 32 bytes. */
export type SlotSecret =
  { readonly kind: 'passphrase'; readonly passphrase: string } | { readonly kind: 'file'; readonly key: SecretBytes };

/** Fresh parameters for a new slot of a kind. */
export function newParams(kind: Slot['kind']): Slot['params'] {
  return kind === 'file' ? {} : { ...PASSPHRASE_COST, salt: randomBytes(SALT_BYTES).toString('base64') };
}

/** The key that wraps the root key in a slot. @throws KeysError `slot_file_damaged` when its parameters are beyond reason */
export async function slotKey(secret: SlotSecret, params: Slot['params']): Promise<XaesKey> {
  if (secret.kind === 'file') return fileKey(secret.key);
  using derived = new SecretBytes(await argon2(secret.passphrase, params));
  return new XaesKey(derived);
}

/**
 * The key in a key file: 32 raw bytes, or their base64 with or without a line's end.
 * @throws KeysError `wrong_key`
 */
export function readKeyFile(content: Buffer): SecretBytes {
  if (content.length === KEY_BYTES) return new SecretBytes(Buffer.from(content));
  const text = content.toString('latin1').trimEnd();
  const key = Buffer.from(text, 'base64');
  if (key.length !== KEY_BYTES || key.toString('base64') !== text) throw new KeysError('wrong_key');
  return new SecretBytes(key);
}

function fileKey(key: SecretBytes): XaesKey {
  if (key.bytes.length !== KEY_BYTES) throw new KeysError('wrong_key');
  return new XaesKey(key);
}

function argon2(passphrase: string, { memoryKiB, passes, lanes, salt }: Slot['params']): Promise<Buffer> {
  return hash(passphrase.normalize('NFKC'), {
    type: argon2id,
    raw: true,
    hashLength: KEY_BYTES,
    salt: Buffer.from(String(salt), 'base64'),
    memoryCost: bounded(memoryKiB, MOST.memoryKiB),
    timeCost: bounded(passes, MOST.passes),
    parallelism: bounded(lanes, MOST.lanes),
  });
}

function bounded(param: string | number | undefined, most: number): number {
  if (typeof param !== 'number' || param < 1 || param > most) throw new KeysError('slot_file_damaged');
  return param;
}
