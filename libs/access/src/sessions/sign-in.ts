import type { Gate, Plan, RequestContext, RowWrite } from '#authz';
import { ANONYMOUS, type Clock } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { openSession, type Session } from './open-session.ts';
import { operatorResource } from '../operators/operator-name.ts';
import { isInForce } from '../operators/second-factor.ts';
import type { SignInAttempt, SignInAttempts } from './sign-in-attempt.ts';

interface SignInRequest {
  readonly name: string;
  readonly password: string;
  /** By time, or for recovery. Where there is no second factor it is not looked at. */
  readonly totp?: string;
}

/** Opens a session for an operator's name and password, and a code where the operator has a second factor. */
export class SignIn {
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
   * Answers and takes the same whether the name exists or not.
   *
   * @throws AuthzError as the gate does; AccessError `invalid_credentials`, or `too_many_requests` whatever the password; once that is
   *   right, `second_factor_required`; IdentityError `too_many_requests` when too many passwords wait to be checked
   */
  async perform(given: SignInRequest, request: RequestContext): Promise<Session> {
    const { name, password, totp } = given;
    const attempt = this.#attempts.begin({ name, password, peer: request.peer });
    const ask = { caller: ANONYMOUS, action: 'identity:sign-in', resource: operatorResource(name), request } as const;
    const session = await this.#gate.perform(ask, () => this.#plan(attempt, totp, request.peer));
    attempt.succeeded();
    return session;
  }

  /**
   * It expects the operator, and its second factor or that there is none, as they were found: what changes meanwhile is not got round by
   * what was right before.
   */
  async #plan(attempt: SignInAttempt, code: string | undefined, peer: string): Promise<Plan<Session>> {
    const held = await attempt.operator();
    const { name } = held.body;
    const renewed = await attempt.renewedHash(held.body);
    const factor = this.#secondFactor(attempt, name, code);
    const { session, writes } = openSession(this.#authority, this.#clock, { operator: name, factors: factor === undefined ? 1 : 2, peer });
    const rehashed = renewed === undefined ? [] : [this.#authority.put('operator', { ...held.body, password: renewed }, held)];
    const account = renewed === undefined ? [this.#authority.asFound('operator', held)] : [];
    const none = factor === undefined ? [this.#authority.expectation('second-factor', name)] : [];
    return { expects: [...account, ...none], writes: [...writes, ...rehashed, ...(factor ?? [])], answer: session };
  }

  /** The write that uses up the code, where there is a second factor in force. */
  #secondFactor(attempt: SignInAttempt, name: string, code: string | undefined): readonly RowWrite[] | undefined {
    const held = this.#authority.find('second-factor', name);
    if (held === undefined || !isInForce(held.body)) return undefined;
    return [this.#authority.put('second-factor', attempt.useCode(held, code, this.#clock.now()), held)];
  }
}
