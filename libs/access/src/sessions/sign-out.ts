import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';

/** Ends the session that the caller came with. */
export class SignOut {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found` when it has ended meanwhile */
  perform(caller: Principal, request: RequestContext): Promise<void> {
    const resource = caller.kind === 'operator' ? `operator:${caller.id}` : caller.id;
    return this.#gate.perform({ caller, action: 'identity:sign-out', resource, request }, async () => {
      const held = this.#authority.find('session', caller.credential);
      if (held === undefined) throw new AccessError('not_found');
      return { writes: [this.#authority.remove('session', held)], answer: undefined };
    });
  }
}
