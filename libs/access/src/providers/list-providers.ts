import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { providerResource } from './provider-name.ts';
import { viewOf, type ProviderView } from './provider-record.ts';

/** The providers that the caller may see, by name, without their secrets. */
export class ListProviders {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does */
  perform(caller: Principal, request: RequestContext): Promise<readonly ProviderView[]> {
    return this.#gate.performWithin({ caller, action: 'identity:describe', resource: '', request }, async (_reader, may) => {
      const providers = this.#authority.all('provider').map(({ body }) => viewOf(body));
      const visible = providers.filter(({ name }) => may('identity:describe', providerResource(name)));
      return { answer: visible.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
    });
  }
}
