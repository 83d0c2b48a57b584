import { KeysError } from './errors.ts';
import { readKeyFile, type SlotSecret } from './slot-secret.ts';

/** The key file that the settings name for slots of the kind `file`. */
export abstract class KeyFile {
  /** Its content as it stands, or undefined when none is named or it does not exist. */
  abstract read(): Promise<Buffer | undefined>;
}

/** What the key file opens. @throws KeysError `unknown_slot` when there is no file, `wrong_key` when it holds no key */
export async function secretOfFile(file: KeyFile): Promise<SlotSecret> {
  const content = await file.read();
  if (!content) throw new KeysError('unknown_slot', 'the setting unseal.file names no file that can be read');
  return { kind: 'file', key: readKeyFile(content) };
}
