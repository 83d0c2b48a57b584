import type { Gate, Plan, RequestContext } from '#authz';
import { newTotpSecret, totpUri, type Clock, type Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { ownName, ownResource } from './own-account.ts';
import { isInForce } from './second-factor.ts';
import type { SignInAttempt, SignInAttempts } from '../sessions/sign-in-attempt.ts';

const PENDING_MS = 10 * 60_000;

/** What an authenticator is given. It is shown once. */
interface TotpEnrolment {
  /** `otpauth://totp/…`; it holds the secret. */
  readonly uri: string;
  /** A first code has to confirm it until then. */
  readonly expiresAt: string;
}

/** Gives an operator a second factor for its password. It is asked for once a first code has confirmed that it works. */
export class EnrolTotp {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;
  readonly #attempts: SignInAttempts;

  constructor(gate: Gate, authority: Authority, clock: Clock, attempts: SignInAttempts) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
    this.#attempts = attempts;
  }

  /**
   * @throws AuthzError as the gate does; AccessError `conflict` when there is one in force, `invalid_credentials` for a wrong password,
   *   `too_many_requests` whatever it is; IdentityError `too_many_requests`
   */
  async perform(caller: Principal, password: string, request: RequestContext): Promise<TotpEnrolment> {
    const attempt = this.#attempts.begin({ name: caller.id, password, peer: request.peer });
    const ask = { caller, action: 'identity:credentials', resource: ownResource(caller), request } as const;
    const enrolment = await this.#gate.perform(ask, () => this.#plan(caller, attempt));
    attempt.succeeded();
    return enrolment;
  }

  async #plan(caller: Principal, attempt: SignInAttempt): Promise<Plan<TotpEnrolment>> {
    const operator = ownName(caller);
    const account = await attempt.operator();
    const held = this.#authority.find('second-factor', operator);
    if (isInForce(held?.body)) throw new AccessError('conflict', 'remove the second factor that is there first');
    const secret = newTotpSecret();
    const expiresAt = new Date(this.#clock.now().getTime() + PENDING_MS).toISOString();
    const pending = { operator, secret, lastStep: 0, recovery: [], pendingUntil: expiresAt };
    const uri = totpUri(secret, { name: operator, issuer: `Holdfast ${this.#authority.issuing.trustDomain}` });
    const expects = [this.#authority.asFound('operator', account)];
    return { expects, writes: [this.#authority.put('second-factor', pending, held)], answer: { uri, expiresAt } };
  }
}
