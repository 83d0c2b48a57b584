import type { RowWrite } from '#authz';
import type { Keyring } from './keyring.ts';

/** What a new server's authority begins with. `access` implements it. */
export interface FirstAuthority {
  readonly writes: readonly RowWrite[];
  /** The one-time token with which the first operator sets a password. */
  readonly operatorToken: string;
}

/** Whoever knows which rows the authority of a new server needs: its roles, its own trust bundle, the first operator's token. */
export abstract class AuthorityBootstrap {
  /** Of this server's own CA, from the settings. */
  abstract readonly trustDomain: string;

  abstract prepare(keyring: Keyring): Promise<FirstAuthority>;
}
