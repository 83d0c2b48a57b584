import type { CommitObserver, RowWrite } from '#authz';
import { KeysError } from './errors.ts';
import type { Keyring } from './keyring.ts';
import type { UnsealedPart } from './unsealed-part.ts';

/** Where operations find the keyring, which comes and goes with the seal. The first of the parts that are told. */
export class KeyringHolder implements UnsealedPart, CommitObserver {
  #keyring: Keyring | undefined;

  /** @throws KeysError `sealed` */
  get keyring(): Keyring {
    if (!this.#keyring) throw new KeysError('sealed');
    return this.#keyring;
  }

  unsealed(keyring: Keyring): Promise<void> {
    this.#keyring = keyring;
    return Promise.resolve();
  }

  sealing(): Promise<void> {
    this.#keyring = undefined;
    return Promise.resolve();
  }

  committed(writes: readonly RowWrite[]): void {
    this.#keyring?.committed(writes);
  }
}
