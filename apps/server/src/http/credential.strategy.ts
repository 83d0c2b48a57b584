import passport from 'passport';
import type { Principal } from '#identity';
import type { Credential } from './credentials.ts';

type Done = (error: unknown, caller?: Principal) => void;

/**
 * Passport's half of every strategy. What passport knows as the request is here the credential alone, so that a strategy can look
 * at nothing else.
 */
export class CredentialStrategy extends passport.Strategy {
  readonly verify: (credential: unknown, done: Done) => void;

  constructor(verify: (credential: unknown, done: Done) => void) {
    super();
    this.verify = verify;
  }

  override authenticate(credential: unknown): void {
    this.verify(credential, (error, caller) => {
      if (caller === undefined || caller === null) this.error(error);
      else this.success(caller);
    });
  }

  /** Passport would keep strategies by name for the whole process; a second server in it must not get the first one's. */
  getPassportInstance(): passport.Authenticator {
    return new passport.Passport();
  }
}

/** Lets exactly this strategy turn the credential into a caller. Rejects with what the strategy threw. */
export function authenticateWith(strategy: passport.Strategy, credential: Credential): Promise<Principal> {
  return new Promise((resolve, reject) => {
    // Passport hangs the callbacks of one request on the object it is given.
    const once: passport.Strategy = Object.create(strategy);
    const answer = (error: unknown, caller: Principal): void => (error ? reject(error) : resolve(caller));
    passport.authenticate(once, { session: false }, answer)(credential, {}, reject);
  });
}
