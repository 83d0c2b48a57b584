import type { Reader } from '#authz';
import type { Keyring } from './keyring.ts';

/** A part of the server that works only while it is unsealed. The parts are told in order, and in reverse before sealing. */
export abstract class UnsealedPart {
  /** The database is open. Throwing stops the unsealing; everyone told so far, itself included, is then told `sealing`. */
  abstract unsealed(keyring: Keyring, reader: Reader): Promise<void>;

  /** The keys are about to be wiped and the database to be closed. It must let go of both. */
  abstract sealing(): Promise<void>;
}
