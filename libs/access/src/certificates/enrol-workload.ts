import type { Gate, RequestContext } from '#authz';
import { IdentityError, newToken, parseSpiffeId, type Clock, type Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { refuseEscalation } from '../roles/escalation.ts';

/** Whose first certificate a token is to be good for, and for how long. */
interface EnrolmentRequest {
  readonly spiffeId: string;
  /** Seconds; the settings' when left out. */
  readonly ttl?: number;
}

interface Enrolment {
  readonly token: string;
  readonly expiresAt: string;
}

/** Makes the one-time token with which one workload gets its first certificate. Only its keyed hash is kept. */
export class EnrolWorkload {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;
  readonly #ttl: number;

  /** `ttl`: seconds that a token lasts unless the request says otherwise. */
  constructor(gate: Gate, authority: Authority, clock: Clock, ttl: number) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
    this.#ttl = ttl;
  }

  /** @throws AuthzError as the gate does; IdentityError `invalid_spiffe_id`, also for an id that this server's CA can't certify */
  perform(caller: Principal, { spiffeId, ttl = this.#ttl }: EnrolmentRequest, request: RequestContext): Promise<Enrolment> {
    return this.#gate.perform({ caller, action: 'identity:enrol', resource: spiffeId, request }, async (_reader, may) => {
      const { text, trustDomain } = parseSpiffeId(spiffeId);
      if (trustDomain !== this.#authority.issuing.trustDomain) throw new IdentityError('invalid_spiffe_id', 'of another trust domain');
      refuseEscalation(this.#authority, caller, [text], may);
      const token = newToken('enrolment');
      const expiresAt = new Date(this.#clock.now().getTime() + ttl * 1000).toISOString();
      const record = { id: this.#authority.hashOf('enrolment', token), spiffeId: text, createdBy: caller.id, expiresAt };
      return { writes: [this.#authority.put('enrolment', record, undefined)], answer: { token, expiresAt } };
    });
  }
}
