import { AuditError } from './errors.ts';
import { decodeBase64, openNote } from './note.ts';
import { HASH_SIZE } from './tree.ts';

/** The head of a log at one size (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** `<log id>/<epoch>`: one origin never signs two trees. */
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Buffer;
}

const SIZE = /^(?:0|[1-9][0-9]{0,15})$/;

/** The text of a checkpoint, to be signed as a note. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/**
 * The checkpoint in a note that the given verifier key signed. The origin must be the key's name, as Holdfast signs it, and there are no
 * extension lines.
 *
 * @throws AuditError as for any note, or malformed_checkpoint
 */
export function parseCheckpoint(note: string, verifierKey: string): Checkpoint {
  const [origin = '', size = '', base64 = '', ...rest] = openNote(note, verifierKey).split('\n');
  const root = decodeBase64(base64);
  const whole = rest.length === 1 && rest[0] === '' && SIZE.test(size) && Number.isSafeInteger(Number(size));
  const named = verifierKey.startsWith(`${origin}+`);
  if (!whole || !named || root?.length !== HASH_SIZE) throw new AuditError('malformed_checkpoint');
  return { origin, size: Number(size), root };
}
