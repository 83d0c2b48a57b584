import type { X509Certificate } from 'node:crypto';
import { inspectCertificate, isToken, type CertificateDefect, type Clock, type Principal, type WorkloadCertificate } from '#identity';
import { AcceptedCertificates } from './accepted-certificates.ts';
import type { Authority } from './authority.ts';
import { Authenticator } from './authenticator.ts';
import { AccessError } from './errors.ts';
import type { SessionRecord } from './records.ts';
import { IDLE_MS } from './session-life.ts';
import { usableToken } from './usable-token.ts';

/** Whoever is about to become the first operator. No name is written so: in the log it is never mistaken for one. */
const FIRST_OPERATOR = '(first)';

/** Knows workloads by the authority's trust bundles and revocations, and operators by its sessions and one-time tokens. */
export class CredentialAuthenticator extends Authenticator {
  readonly #authority: Authority;
  readonly #clock: Clock;
  /** After a restart a session's idle time counts from when it was issued. */
  readonly #lastUsed = new WeakMap<SessionRecord, number>();
  readonly #accepted = new AcceptedCertificates();

  constructor(authority: Authority, clock: Clock) {
    super();
    this.#authority = authority;
    this.#clock = clock;
  }

  get revision(): number {
    return this.#authority.revisionOf('trust-bundle') + this.#authority.revisionOf('revocation');
  }

  workload(presented: readonly X509Certificate[]): Principal {
    const now = this.#clock.now();
    return this.#accepted.callerOf(presented, { revision: this.revision, now }, () => this.#check(presented, now));
  }

  session(token: string): Principal {
    const now = this.#clock.now().getTime();
    const session = isToken('session', token) ? this.#authority.find('session', this.#authority.hashOf('session', token))?.body : undefined;
    if (session === undefined || now >= Date.parse(session.expiresAt)) throw new AccessError('session_refused');
    const lastUsed = this.#lastUsed.get(session) ?? Date.parse(session.issuedAt);
    if (now - lastUsed >= IDLE_MS) throw new AccessError('session_refused');
    this.#lastUsed.set(session, Math.max(now, lastUsed));
    return { kind: 'operator', id: session.operator, method: 'session', credential: session.id };
  }

  token(token: string): Principal {
    const id = isToken('operator', token) ? this.#authority.hashOf('operator', token) : '';
    const { body } = usableToken(this.#authority, id, this.#clock);
    return { kind: 'operator', id: FIRST_OPERATOR, method: 'token', credential: body.id };
  }

  #check(presented: readonly X509Certificate[], now: Date): Principal {
    const [leaf] = presented;
    if (leaf === undefined) throw refused('no_certificate');
    const certificate = inspectCertificate(leaf, now);
    if (!certificate.ok) throw refused(certificate.defect);
    // The signatures come last: they are what costs.
    const bundle = this.#authority.trustBundles.bundleFor(certificate.spiffeId.trustDomain);
    if (bundle === undefined) throw refused('foreign_trust_domain');
    if (this.#isRevoked(certificate)) throw refused('revoked');
    if (!bundle.anchors(presented, now)) throw refused('untrusted');
    return { kind: 'workload', id: certificate.spiffeId.text, method: 'certificate', credential: certificate.fingerprint };
  }

  #isRevoked({ fingerprint, spiffeId, notBefore }: WorkloadCertificate): boolean {
    if (this.#authority.find('revocation', fingerprint) !== undefined) return true;
    const revocation = this.#authority.find('revocation', spiffeId.text);
    return revocation !== undefined && notBefore <= Date.parse(revocation.body.revokedAt);
  }
}

function refused(defect: CertificateDefect): AccessError {
  return new AccessError('certificate_refused', defect);
}
