import { associatedData, type SecretBytes } from '#crypto';
import { KeysError } from './errors.ts';
import { opening } from './opening.ts';
import type { RootKey } from './root-key.ts';
import type { SlotFile, WrappedDatabaseKey } from './slot-file.ts';

/** The key of the database's pages as the slot file keeps it. */
export function wrapDatabaseKey(root: RootKey, id: string, key: SecretBytes): WrappedDatabaseKey {
  return { id, wrapped: root.wrap(key, databaseKeyAad(id)).toString('base64') };
}

/** The newest key of the database's pages. @throws KeysError `integrity_failed` */
export function openDatabaseKey(root: RootKey, { databaseKeys: [newest] }: SlotFile): SecretBytes {
  if (!newest) throw new KeysError('slot_file_damaged');
  return opening(() => root.unwrap(Buffer.from(newest.wrapped, 'base64'), databaseKeyAad(newest.id)));
}

function databaseKeyAad(id: string): Buffer {
  return associatedData('database-key', id);
}
