import type { Gate, RequestContext } from '#authz';
import { ANONYMOUS, PasswordError, verifyPassword, type Clock } from '#identity';
import type { Authority } from './authority.ts';
import { AccessError } from './errors.ts';
import { openSession, type Session } from './open-session.ts';
import { operatorResource } from './operator-name.ts';
import { SignInPace } from './sign-in-pace.ts';

/** Opens a session for an operator's name and password. */
export class SignIn {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;
  readonly #pace: SignInPace;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
    this.#pace = new SignInPace(clock);
  }

  /**
   * Answers and takes the same whether the name exists or not.
   *
   * @throws AuthzError as the gate does; AccessError `invalid_credentials`, or `too_many_requests` whatever the password;
   *   IdentityError `too_many_requests` when too many passwords wait to be checked
   */
  async perform(name: string, password: string, request: RequestContext): Promise<Session> {
    const resource = operatorResource(name);
    const mayTry = this.#pace.begin(resource, request.peer);
    const session = await this.#gate.perform({ caller: ANONYMOUS, action: 'identity:sign-in', resource, request }, async () => {
      if (!mayTry) throw new AccessError('too_many_requests');
      await this.#check(name, password);
      const { session, writes } = openSession(this.#authority, this.#clock, { operator: name });
      return { writes, answer: session };
    });
    this.#pace.succeeded(resource, request.peer);
    return session;
  }

  async #check(name: string, password: string): Promise<void> {
    try {
      const right = await verifyPassword(this.#authority.find('operator', name)?.body.password, password);
      if (right) return;
    } catch (error) {
      if (!(error instanceof PasswordError)) throw error;
    }
    throw new AccessError('invalid_credentials');
  }
}
