import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { providerResource } from './provider-name.ts';
import { endSessionsOf } from './provider-sessions.ts';

/** Stops believing a provider: nobody signs in there any more, and the sessions that were opened there end. */
export class DeleteProvider {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found` */
  perform(caller: Principal, name: string, request: RequestContext): Promise<void> {
    return this.#gate.perform({ caller, action: 'identity:trust', resource: providerResource(name), request }, async () => {
      const held = this.#authority.find('provider', name);
      if (held === undefined) throw new AccessError('not_found');
      return { writes: [this.#authority.remove('provider', held), ...endSessionsOf(this.#authority, name)], answer: undefined };
    });
  }
}
