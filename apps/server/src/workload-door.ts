import type { Authority } from '#access';
import { UnsealedPart } from '#keys';
import type { Listeners, ListenerTrust } from './listeners.ts';
import type { Log } from './log.ts';
import type { ServerCertificate } from './server-certificate.ts';

const GRACE_MS = 5_000;

/**
 * Opens the workload listener at unseal and closes it at seal: whom it may believe lies in the database. Both listeners follow the
 * server's certificate; while unsealed both believe the trust bundles. OpenSSL gets the bundles pooled; that a chain ends in the bundle of its own trust
 * domain is checked by the authenticator.
 */
export class WorkloadDoor extends UnsealedPart {
  readonly #listeners: Listeners;
  readonly #certificate: ServerCertificate;
  readonly #authority: Authority;
  readonly #log: Log;
  #anchors: readonly string[] = [];
  #isOpen = false;

  constructor(listeners: Listeners, certificate: ServerCertificate, authority: Authority, log: Log) {
    super();
    this.#listeners = listeners;
    this.#certificate = certificate;
    this.#authority = authority;
    this.#log = log;
    certificate.onReplaced(() => this.#refresh());
    authority.onTrustChanged(() => this.#trustChanged());
  }

  override async unsealed(): Promise<void> {
    this.#anchors = this.#authority.trustBundles.pems();
    await this.#listeners.workload.open(this.#trust());
    this.#listeners.operator.trust(this.#trust());
    this.#isOpen = true;
    this.#log.info('listening', { listener: 'workload', ...this.#listeners.workload.bound });
  }

  /**
   * Nobody is let in from here on. Those inside may take their answer with them, but are not waited for: one of them may be whoever
   * asked for the sealing.
   */
  override sealing(): Promise<void> {
    this.#isOpen = false;
    this.#anchors = [];
    void this.#listeners.workload.close(GRACE_MS);
    this.#listeners.operator.trust(this.#trust());
    this.#log.info('closed', { listener: 'workload' });
    return Promise.resolve();
  }

  /** For the handshakes to come. What was accepted on open connections is looked at again by the authenticator. */
  #trustChanged(): void {
    if (!this.#isOpen) return;
    this.#anchors = this.#authority.trustBundles.pems();
    this.#refresh();
  }

  #refresh(): void {
    this.#listeners.workload.trust(this.#trust());
    this.#listeners.operator.trust(this.#trust());
  }

  #trust(): ListenerTrust {
    return { ...this.#certificate.identity, anchors: this.#anchors };
  }
}
