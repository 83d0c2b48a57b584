import type { Reader } from '#authz';
import type { SecretBytes } from '#crypto';

/** The database as the vault sees it: a thing that opens with a key. It is open only while the server is unsealed. */
export abstract class VaultDatabase {
  /** Whether there is one, whoever can open it. */
  abstract exists(): Promise<boolean>;

  /** Removes it. The vault asks for this only where an initialization was cut short, so that nothing in it was ever answered. */
  abstract discard(): Promise<void>;

  /** Opens it, or makes it. The key stays the caller's: it may be wiped when this returns. */
  abstract open(key: SecretBytes): Promise<Reader>;

  /** Closes it. Of one that is not open: does nothing. */
  abstract close(): Promise<void>;
}
