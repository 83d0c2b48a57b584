import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { refuseEscalation } from '../roles/escalation.ts';
import { checkRevocationRequest, patternsOf, subjectOf, type RevocationRequest } from './revocation-request.ts';

/**
 * Lifts a revocation: what it was about is good again as far as it is in date. Whoever lifts gives back what those certificates could do,
 * which wants `policy:escalate` beside `identity:revoke` for what the caller could not do itself.
 */
export class LiftRevocation {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does; IdentityError as of a revocation; AccessError `not_found` where there is none */
  perform(caller: Principal, revocation: RevocationRequest, request: RequestContext): Promise<void> {
    const own = this.#authority.ownTrustDomain;
    const subject = subjectOf(revocation, own);
    return this.#gate.perform({ caller, action: 'identity:revoke', resource: subject, request }, async (_reader, may) => {
      checkRevocationRequest(revocation);
      refuseEscalation(this.#authority, caller, patternsOf(revocation, own), may);
      const held = this.#authority.find('revocation', subject);
      if (held === undefined) throw new AccessError('not_found');
      return { writes: [this.#authority.remove('revocation', held)], answer: undefined };
    });
  }
}
