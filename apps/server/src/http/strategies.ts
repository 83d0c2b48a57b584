import { Injectable } from '@nestjs/common';
import type { Strategy } from 'passport';
import type { Principal } from '#identity';
import { CertificateStrategy } from './certificate.strategy.ts';
import { authenticateWith } from './credential.strategy.ts';
import type { Credential } from './credentials.ts';
import { SessionStrategy } from './session.strategy.ts';
import { TokenStrategy } from './token.strategy.ts';

/** One strategy for each kind of credential. */
@Injectable()
export class Strategies {
  readonly #byKind: Readonly<Record<Credential['kind'], Strategy>>;

  constructor(certificate: CertificateStrategy, session: SessionStrategy, token: TokenStrategy) {
    this.#byKind = { certificate, session, token };
  }

  /** Lets the one strategy of its kind, and no other, turn the credential into a caller. Rejects with what the strategy threw. */
  authenticate(credential: Credential): Promise<Principal> {
    return authenticateWith(this.#byKind[credential.kind], credential);
  }
}
