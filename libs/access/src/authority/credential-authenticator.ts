import type { X509Certificate } from 'node:crypto';
import {
  FIRST_OPERATOR,
  inspectCertificate,
  isToken,
  placeOf,
  type Clock,
  type LinePlace,
  type Principal,
  type WorkloadCertificate,
} from '#identity';
import { AcceptedCertificates } from './accepted-certificates.ts';
import type { Authority } from './authority.ts';
import { Authenticator } from './authenticator.ts';
import { AccessError } from '../errors.ts';
import { refusedCertificate } from './lapse.ts';
import { usableToken } from './usable-token.ts';

/** Knows workloads by the authority's trust bundles and revocations, and operators by its sessions and one-time tokens. */
export class CredentialAuthenticator extends Authenticator {
  readonly #authority: Authority;
  readonly #clock: Clock;
  readonly #accepted = new AcceptedCertificates();

  constructor(authority: Authority, clock: Clock) {
    super();
    this.#authority = authority;
    this.#clock = clock;
  }

  get revision(): number {
    const trust = this.#authority.revisionOf('trust-bundle') + this.#authority.revisionOf('crl') + this.#authority.revisionOf('revocation');
    return trust + this.#authority.operatorStandings;
  }

  workload(presented: readonly X509Certificate[]): Principal {
    const now = this.#clock.now();
    return this.#accepted.callerOf(presented, { revision: this.revision, now }, () => this.#check(presented, now));
  }

  session(token: string): Principal {
    const now = this.#clock.now().getTime();
    const session = isToken('session', token) ? this.#authority.find('session', this.#authority.hashOf('session', token))?.body : undefined;
    const { sessionUse } = this.#authority;
    if (session === undefined || sessionUse.hasEnded(session, now)) throw new AccessError('session_refused');
    sessionUse.used(session, now);
    const validity = { from: Date.parse(session.issuedAt), until: Date.parse(session.expiresAt) };
    const { id, operator, method = 'session', factors } = session;
    return { kind: 'operator', id: operator, method, credential: id, validity, ...(factors !== undefined && { factors }) };
  }

  token(token: string): Principal {
    const id = isToken('operator', token) ? this.#authority.hashOf('operator', token) : '';
    const { body } = usableToken(this.#authority, id, this.#clock);
    const validity = { from: 0, until: Date.parse(body.expiresAt) };
    return { kind: 'operator', id: body.operator ?? FIRST_OPERATOR, method: 'token', credential: body.id, validity };
  }

  #check(presented: readonly X509Certificate[], now: Date): Principal {
    const [leaf] = presented;
    if (leaf === undefined) throw refusedCertificate('no_certificate');
    const certificate = inspectCertificate(leaf, now);
    if (!certificate.ok) throw refusedCertificate(certificate.defect);
    const { spiffeId, fingerprint, serial, notBefore } = certificate;
    if (this.#authority.trustBundles.bundleFor(spiffeId.trustDomain) === undefined) throw refusedCertificate('foreign_trust_domain');
    // The signatures come last: they are what costs.
    const revocable = { id: spiffeId.text, fingerprint, serial, from: notBefore };
    if (this.#authority.revocations.isRevoked(revocable)) throw refusedCertificate('revoked');
    const chain = this.#authority.trustBundles.examine(spiffeId.trustDomain, presented, now);
    if (!chain.ok) throw refusedCertificate(chain.defect);
    const place = this.#placeOf(leaf, certificate);
    if (this.#authority.revocations.isLocked(place)) throw refusedCertificate('locked');
    const validity = { from: notBefore, until: chain.until + 1 };
    const came = { method: 'certificate', credential: fingerprint, serial, place, validity } as const;
    const operator = this.#authority.operatorCertificates.operatorOf(spiffeId.text, leaf);
    if (operator?.certificate === undefined) return { kind: 'workload', id: spiffeId.text, ...came };
    if (operator.disabled === true) throw refusedCertificate('operator_refused');
    return { kind: 'operator', id: operator.name, certified: { spiffeId: spiffeId.text, as: operator.certificate }, ...came };
  }

  /** Serial numbers of another CA say what they like. */
  #placeOf(leaf: X509Certificate, { spiffeId, serial }: WorkloadCertificate): LinePlace | undefined {
    const { issuing } = this.#authority;
    const place = spiffeId.trustDomain === issuing.trustDomain ? placeOf(serial) : undefined;
    return place !== undefined && issuing.hasIssued(leaf) ? place : undefined;
  }
}
