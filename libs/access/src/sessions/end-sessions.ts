import type { Gate, Plan, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { operatorResource } from '../operators/operator-name.ts';

/** Whose sessions, and which of them; all where none is named. */
interface Ending {
  readonly name: string;
  readonly id?: string;
}

/** Ends one session of an operator, or all of them. Everybody may end its own. */
export class EndSessions {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found` for a session that is not there, or somebody else's */
  perform(caller: Principal, { name, id }: Ending, request: RequestContext): Promise<void> {
    const ask = { caller, action: 'identity:sign-out', resource: operatorResource(name), request } as const;
    return this.#gate.perform(ask, () => this.#plan(name, id));
  }

  async #plan(name: string, id: string | undefined): Promise<Plan<void>> {
    const sessions = this.#authority.all('session').filter(({ body }) => body.operator === name && (id === undefined || body.id === id));
    if (id !== undefined && sessions.length === 0) throw new AccessError('not_found');
    return { writes: sessions.map((held) => this.#authority.remove('session', held)), answer: undefined };
  }
}
