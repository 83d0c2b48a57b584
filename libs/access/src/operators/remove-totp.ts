import type { Gate, Plan, RequestContext } from '#authz';
import type { Clock, Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { endOf } from './operator-end.ts';
import { ownName, ownResource } from './own-account.ts';
import { isInForce } from './second-factor.ts';
import type { SignInAttempt, SignInAttempts } from '../sessions/sign-in-attempt.ts';

/** The password, and a code by time or for recovery. */
interface Proof {
  readonly password: string;
  readonly totp: string;
}

/** Takes an operator's second factor away, for its password and a code; its other sessions end. */
export class RemoveTotp {
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
   * @throws AuthzError as the gate does; AccessError `not_found` when there is none in force, `invalid_credentials`, `too_many_requests`;
   *   IdentityError `too_many_requests`
   */
  async perform(caller: Principal, { password, totp }: Proof, request: RequestContext): Promise<void> {
    const attempt = this.#attempts.begin({ name: caller.id, password, peer: request.peer });
    const ask = { caller, action: 'identity:credentials', resource: ownResource(caller), request } as const;
    await this.#gate.perform(ask, () => this.#plan(caller, attempt, totp));
    attempt.succeeded();
  }

  async #plan(caller: Principal, attempt: SignInAttempt, code: string): Promise<Plan<void>> {
    const name = ownName(caller);
    const account = await attempt.operator();
    const held = this.#authority.find('second-factor', name);
    if (held === undefined || !isInForce(held.body)) throw new AccessError('not_found');
    attempt.useCode(held, code, this.#clock.now());
    const expects = [this.#authority.asFound('operator', account)];
    const writes = [this.#authority.remove('second-factor', held), ...endOf(this.#authority, name, caller.credential)];
    return { expects, writes, answer: undefined };
  }
}
