import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Authenticator } from '#access';
import type { Principal } from '#identity';
import { CredentialStrategy } from './credential.strategy.ts';
import type { PresentedToken } from './credentials.ts';

/** A one-time operator token to whoever is about to become an operator. */
@Injectable()
export class TokenStrategy extends PassportStrategy(CredentialStrategy, 'token') {
  readonly #authenticator: Authenticator;

  constructor(authenticator: Authenticator) {
    super();
    this.#authenticator = authenticator;
  }

  override validate({ token }: PresentedToken): Principal {
    return this.#authenticator.token(token);
  }
}
