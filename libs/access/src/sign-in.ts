import type { Gate, RequestContext, RowWrite } from '#authz';
import { ANONYMOUS, newToken, PasswordError, verifyPassword, type Clock } from '#identity';
import { Attempts } from './attempts.ts';
import type { Authority } from './authority.ts';
import { AccessError } from './errors.ts';
import { operatorResource } from './operator-name.ts';
import { ABSOLUTE_MS, IDLE_MS } from './session-life.ts';

/** Tries in a row before waiting begins: from one address on one name, and on one name from anywhere (PCI DSS 8.3.4, SP 800-63B-4 §3.2.2). */
const FREE_FROM_PEER = 10;
const FREE_IN_ALL = 100;
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
  readonly #fromPeer: Attempts;
  readonly #inAll: Attempts;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
    this.#fromPeer = new Attempts(FREE_FROM_PEER, clock);
    this.#inAll = new Attempts(FREE_IN_ALL, clock);
  }

  /**
   * Answers and takes the same whether the name exists or not.
   *
   * @throws AuthzError as the gate does; AccessError `invalid_credentials`, or `too_many_requests` whatever the password
   */
  async perform(name: string, password: string, request: RequestContext): Promise<Session> {
    const resource = operatorResource(name);
    const peer = `${resource} ${request.peer}`;
    const mayTry = this.#fromPeer.begin(peer) && this.#inAll.begin(resource);
    const session = await this.#gate.perform({ caller: ANONYMOUS, action: 'identity:sign-in', resource, request }, async () => {
      if (!mayTry) throw new AccessError('too_many_requests');
      await this.#check(name, password);
      const { session, write } = this.#open(name);
      return { writes: [write, ...this.#cleared()], answer: session };
    });
    this.#fromPeer.succeeded(peer);
    this.#inAll.succeeded(resource);
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
