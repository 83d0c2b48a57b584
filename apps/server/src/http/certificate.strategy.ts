import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Authenticator } from '#access';
import { fingerprintOf, presentedBy, type Principal } from '#identity';
import { CredentialStrategy } from './credential.strategy.ts';
import type { PresentedCertificate } from './credentials.ts';
import { refusedCertificate } from './refusal.ts';

/** A client certificate to a workload. The room's checks come first because they name the defect; OpenSSL's must agree. */
@Injectable()
export class CertificateStrategy extends PassportStrategy(CredentialStrategy, 'certificate') {
  readonly #authenticator: Authenticator;

  constructor(authenticator: Authenticator) {
    super();
    this.#authenticator = authenticator;
  }

  override validate({ leaf, verified }: PresentedCertificate): Principal {
    const caller = this.#authenticator.workload(presentedBy(leaf));
    if (!verified) throw refusedCertificate('unverified', fingerprintOf(leaf));
    return caller;
  }
}
