import type { Gate, RequestContext, RowWrite } from '#authz';
import { parseSpiffeId, type Clock, type Principal } from '#identity';
import type { Authority } from './authority.ts';

/** One certificate by its fingerprint, or all that a workload has. */
type Revocation = { readonly fingerprint: string } | { readonly spiffeId: string };

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

  /** @throws AuthzError as the gate does; IdentityError `invalid_spiffe_id` */
  perform(caller: Principal, revocation: Revocation, request: RequestContext): Promise<void> {
    const subject = 'spiffeId' in revocation ? revocation.spiffeId : revocation.fingerprint;
    return this.#gate.perform({ caller, action: 'identity:revoke', resource: subject, request }, async () => {
      if ('spiffeId' in revocation) parseSpiffeId(subject);
      const held = this.#authority.find('revocation', subject);
      const record = { subject, revokedAt: this.#moment(held?.body.revokedAt), revokedBy: caller.id };
      return { writes: [this.#authority.put('revocation', record, held), ...this.#tokensOf(subject)], answer: undefined };
    });
  }

  /** Now, but not before the certificates that were issued since the revocation before: they begin in the second after it. */
  #moment(before: string | undefined): string {
    const earliest = before === undefined ? 0 : Date.parse(before) + 1000;
    return new Date(Math.max(this.#clock.now().getTime(), earliest)).toISOString();
  }

  #tokensOf(subject: string): RowWrite[] {
    const enrolments = this.#authority.all('enrolment').filter(({ body }) => body.spiffeId === subject);
    return enrolments.map((held) => this.#authority.remove('enrolment', held));
  }
}
