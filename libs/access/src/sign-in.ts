import type { Gate, RequestContext, RowWrite } from '#authz';
import { ANONYMOUS, newToken, PasswordError, verifyPassword, type Clock } from '#identity';
import type { Authority } from './authority.ts';
import { AccessError } from './errors.ts';
import { operatorResource } from './operator-name.ts';
import { ABSOLUTE_MS, IDLE_MS } from './session-life.ts';
import { SignInPace } from './sign-in-pace.ts';

/** Ended sessions, and as many tokens, that a sign-in clears away. */
const CLEARED_AT_ONCE = 32;

interface Session {
  readonly token: string;
  readonly idleExpiresAt: string;
  readonly expiresAt: string;
}

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
      const { session, write } = this.#open(name);
      return { writes: [write, ...this.#cleared()], answer: session };
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

  #open(operator: string): { session: Session; write: RowWrite } {
    const token = newToken('session');
    const now = this.#clock.now();
    const expiresAt = after(now, ABSOLUTE_MS);
    const record = { id: this.#authority.hashOf('session', token), operator, issuedAt: now.toISOString(), expiresAt };
    return { session: { token, idleExpiresAt: after(now, IDLE_MS), expiresAt }, write: this.#authority.put('session', record, undefined) };
  }

  /** What has ended goes when somebody comes: rarely enough that two seldom clear the same. */
  #cleared(): RowWrite[] {
    const now = this.#clock.now().toISOString();
    const sessions = this.#authority.all('session').filter(({ body }) => body.expiresAt <= now);
    const tokens = this.#authority.all('enrolment').filter(({ body }) => body.expiresAt <= now);
    return [
      ...sessions.slice(0, CLEARED_AT_ONCE).map((held) => this.#authority.remove('session', held)),
      ...tokens.slice(0, CLEARED_AT_ONCE).map((held) => this.#authority.remove('enrolment', held)),
    ];
  }
}

function after(time: Date, milliseconds: number): string {
  return new Date(time.getTime() + milliseconds).toISOString();
}
