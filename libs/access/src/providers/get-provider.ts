import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { providerResource } from './provider-name.ts';
import { viewOf, type ProviderView } from './provider-record.ts';

/** One provider, without its secret. */
export class GetProvider {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found` */
  perform(caller: Principal, name: string, request: RequestContext): Promise<ProviderView> {
    return this.#gate.perform({ caller, action: 'identity:describe', resource: providerResource(name), request }, async () => {
      const held = this.#authority.find('provider', name);
      if (held === undefined) throw new AccessError('not_found');
      return { answer: viewOf(held.body) };
    });
  }
}
