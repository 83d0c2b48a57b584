import { AuthzError, type Gate, type RequestContext, type RowWrite } from '#authz';
import type { Clock, Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { meet } from '../roles/escalation.ts';
import { checkRevocationRequest, subjectOf, type RevocationRequest } from './revocation-request.ts';
import { isPrefix } from './revocations.ts';

/**
 * Revokes, effective for the next request, on connections that are already open too. A revoked SPIFFE ID can be enrolled anew: what
 * is revoked is every certificate from before, and every token that has not been used.
 */
export class RevokeIdentity {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /** @throws AuthzError as the gate does; IdentityError `invalid_spiffe_id`, `invalid_trust_domain` */
  perform(caller: Principal, revocation: RevocationRequest, request: RequestContext): Promise<void> {
    const subject = subjectOf(revocation, this.#authority.ownTrustDomain);
    return this.#gate.perform({ caller, action: 'identity:revoke', resource: subject, request }, async () => {
      checkRevocationRequest(revocation);
      if (isPrefix(subject)) this.#refuseDenied(caller, subject);
      const held = this.#authority.find('revocation', subject);
      const record = { subject, revokedAt: this.#moment(held?.body.revokedAt), revokedBy: caller.id };
      return { writes: [this.#authority.put('revocation', record, held), ...this.#tokensOf(subject)], answer: undefined };
    });
  }

  /** What is below the prefix goes with it, and a deny on any of that wins. */
  #refuseDenied(caller: Principal, prefix: string): void {
    const denies = this.#authority.rolesOf(caller).flatMap(({ rules }) => rules.filter(({ deny }) => deny?.some(speaksOfRevoking)));
    if (denies.some(({ on }) => on === '**' || meet(on, prefix))) throw new AuthzError('denied');
  }

  /** Now, but not before the certificates that were issued since the revocation before: they begin in the second after it. */
  #moment(before: string | undefined): string {
    const earliest = before === undefined ? 0 : Date.parse(before) + 1000;
    return new Date(Math.max(this.#clock.now().getTime(), earliest)).toISOString();
  }

  #tokensOf(subject: string): RowWrite[] {
    const isMeant = (id = ''): boolean => (isPrefix(subject) ? id.startsWith(subject.slice(0, -2)) : id === subject);
    return this.#authority
      .all('enrolment')
      .filter(({ body }) => isMeant(body.spiffeId))
      .map((held) => this.#authority.remove('enrolment', held));
  }
}

function speaksOfRevoking(action: string): boolean {
  return action === 'identity:revoke' || action === 'identity:*';
}
