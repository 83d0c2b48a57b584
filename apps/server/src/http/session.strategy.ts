import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Authenticator } from '#access';
import type { Principal } from '#identity';
import { CredentialStrategy } from './credential.strategy.ts';
import type { PresentedToken } from './credentials.ts';

/** A session's token to an operator. */
@Injectable()
export class SessionStrategy extends PassportStrategy(CredentialStrategy, 'session') {
  readonly #authenticator: Authenticator;

  constructor(authenticator: Authenticator) {
    super();
    this.#authenticator = authenticator;
  }

  override validate({ token }: PresentedToken): Principal {
    return this.#authenticator.session(token);
  }
}
