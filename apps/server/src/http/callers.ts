import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { AccessError, Authenticator } from '#access';
import { ANONYMOUS, Clock, fingerprintOf, type Principal } from '#identity';
import type { Connection } from '../connections.ts';
import { credentialOf, type Credential, type PresentedCertificate } from './credentials.ts';
import { Refusal, refusedCertificate } from './refusal.ts';
import { Strategies } from './strategies.ts';

/** Turns a request's one credential into its caller. */
@Injectable()
export class Callers {
  readonly #authenticator: Authenticator;
  readonly #strategies: Strategies;
  readonly #clock: Clock;

  constructor(authenticator: Authenticator, strategies: Strategies, clock: Clock) {
    this.#authenticator = authenticator;
    this.#strategies = strategies;
    this.#clock = clock;
  }

  /**
   * The caller of a request; ANONYMOUS where nothing is presented to the operator listener. A certificate is looked at once per
   * connection, and again for the next request after the authority has changed or the certificate has ended.
   *
   * @throws Refusal (or rejects with it)
   */
  callerOf(message: IncomingMessage, connection: Connection): Principal | Promise<Principal> {
    return this.known(message, connection) ?? this.#authenticate(credentialOf(message), connection);
  }

  /** The same, where nothing has to be looked at for it. */
  known({ headers }: IncomingMessage, connection: Connection): Principal | undefined {
    const current = connection.revision === this.#authenticator.revision && this.#clock.now().getTime() < connection.callerUntil;
    return current && headers.authorization === undefined ? connection.caller : undefined;
  }

  async #authenticate(credential: Credential | undefined, connection: Connection): Promise<Principal> {
    if (connection.listener === 'workload' && credential?.kind !== 'certificate') throw refusedCertificate('no_certificate');
    if (credential === undefined) return ANONYMOUS;
    if (credential.kind === 'certificate') return this.#authenticateOnce(credential, connection);
    return this.#strategies.authenticate(credential).catch(refuse);
  }

  async #authenticateOnce(credential: PresentedCertificate, connection: Connection): Promise<Principal> {
    // Read before the check: a change that comes in between makes the next request look again.
    const { revision } = this.#authenticator;
    const caller = await this.#strategies.authenticate(credential).catch((error: unknown) => {
      throw error instanceof AccessError ? refusedCertificate(error.hint ?? error.code, fingerprintOf(credential.leaf)) : error;
    });
    // What administers has a door of its own, and no workload's certificate opens it.
    if (connection.listener === 'workload' && caller.kind === 'operator')
      throw refusedCertificate('operator_refused', fingerprintOf(credential.leaf));
    connection.freeLook = connection.vouchedFor;
    connection.caller = caller;
    connection.revision = revision;
    connection.callerUntil = caller.validity?.until ?? 0;
    return caller;
  }
}

/** No operation has seen it: it is recorded where it is answered. */
function refuse(error: unknown): never {
  throw error instanceof AccessError ? new Refusal(error.code) : error;
}
