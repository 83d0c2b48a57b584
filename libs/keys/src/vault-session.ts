import type { Reader } from '#authz';
import type { SecretBytes } from '#crypto';
import type { Keyring } from './keyring.ts';
import type { UnsealedPart } from './unsealed-part.ts';
import type { VaultDatabase } from './vault-database.ts';

/** One time of being open: the database, the keyring and whoever was told of them, to be closed together. */
export class VaultSession {
  readonly #database: VaultDatabase;
  readonly #told: UnsealedPart[] = [];
  #keyring: Keyring | undefined;

  constructor(database: VaultDatabase) {
    this.#database = database;
  }

  openDatabase(key: SecretBytes): Promise<Reader> {
    return this.#database.open(key);
  }

  /** Tells the parts, in order. From here on the session owns the keyring. */
  async tell(parts: readonly UnsealedPart[], keyring: Keyring, reader: Reader): Promise<void> {
    this.#keyring = keyring;
    for (const part of parts) {
      this.#told.push(part);
      await part.unsealed(keyring, reader);
    }
  }

  /** Tells whoever was told, in reverse; wipes the keys; closes the database. All of it, and then throws what first went wrong. */
  async close(): Promise<void> {
    const steps = this.#told.splice(0).map((part) => () => part.sealing());
    const failures: unknown[] = [];
    for (const step of [() => this.#database.close(), () => this.#wipe(), ...steps].toReversed()) {
      await step().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  #wipe(): Promise<void> {
    this.#keyring?.wipe();
    return Promise.resolve();
  }
}
