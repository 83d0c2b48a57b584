import type { Gate, RequestContext } from '#authz';
import type { Clock, Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { operatorResource } from '../operators/operator-name.ts';

/** A session, without what would let anybody use it. */
interface ListedSession {
  /** As the log's entries name it. */
  readonly id: string;
  readonly method: 'session' | 'oidc';
  readonly factors: 1 | 2;
  /** The address from which it was opened. */
  readonly peer?: string;
  readonly issuedAt: string;
  readonly lastUsedAt: string;
  readonly expiresAt: string;
  /** Whether it is the one that asks. */
  readonly current: boolean;
}

/** The sessions of an operator that have not ended, the oldest first. Everybody may look at its own. */
export class ListSessions {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /** @throws AuthzError as the gate does */
  perform(caller: Principal, name: string, request: RequestContext): Promise<readonly ListedSession[]> {
    const ask = { caller, action: 'identity:describe', resource: operatorResource(name), request } as const;
    return this.#gate.perform(ask, async () => ({ answer: this.#list(name, caller.credential) }));
  }

  #list(name: string, own: string): readonly ListedSession[] {
    const { sessionUse } = this.#authority;
    const now = this.#clock.now().getTime();
    const sessions = this.#authority.all('session').map(({ body }) => body);
    return sessions
      .filter((session) => session.operator === name && !sessionUse.hasEnded(session, now))
      .map((session): ListedSession => {
        const { id, method = 'session', factors = 1, peer, issuedAt, expiresAt } = session;
        const lastUsedAt = new Date(sessionUse.lastUsed(session)).toISOString();
        return { id, method, factors, ...(peer !== undefined && { peer }), issuedAt, lastUsedAt, expiresAt, current: id === own };
      })
      .toSorted((a, b) => (a.issuedAt < b.issuedAt ? -1 : 1));
  }
}
