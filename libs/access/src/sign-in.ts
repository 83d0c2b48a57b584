import type { Gate, Plan, RequestContext } from '#authz';
import { ANONYMOUS, type Clock } from '#identity';
import type { Authority } from './authority.ts';
import { openSession, type Session } from './open-session.ts';
import { operatorResource } from './operator-name.ts';
import type { SignInAttempt, SignInAttempts } from './sign-in-attempt.ts';

/** Opens a session for an operator's name and password. */
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
   * @throws AuthzError as the gate does; AccessError `invalid_credentials`, or `too_many_requests` whatever the password;
   *   IdentityError `too_many_requests` when too many passwords wait to be checked
   */
  async perform(name: string, password: string, request: RequestContext): Promise<Session> {
    const attempt = this.#attempts.begin({ name, password, peer: request.peer });
    const ask = { caller: ANONYMOUS, action: 'identity:sign-in', resource: operatorResource(name), request } as const;
    const session = await this.#gate.perform(ask, () => this.#plan(attempt, request.peer));
    attempt.succeeded();
    return session;
  }

  /** It expects the operator as it was found: who is disabled or gets another password meanwhile is not let in by the old one. */
  async #plan(attempt: SignInAttempt, peer: string): Promise<Plan<Session>> {
    const held = await attempt.operator();
    const { name } = held.body;
    const renewed = await attempt.renewedHash(held.body);
    const { session, writes } = openSession(this.#authority, this.#clock, { operator: name, factors: 1, peer });
    const rehashed = renewed === undefined ? [] : [this.#authority.put('operator', { ...held.body, password: renewed }, held)];
    const expects = renewed === undefined ? [this.#authority.asFound('operator', held)] : [];
    return { expects, writes: [...writes, ...rehashed], answer: session };
  }
}
