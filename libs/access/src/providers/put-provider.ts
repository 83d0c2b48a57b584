import { AuthzError, type Gate, type May, type Plan, type RequestContext } from '#authz';
import type { Clock, Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { parseProvider, type ProviderInput } from './parse-provider.ts';
import { isWithinReach } from './provider-gains.ts';
import { checkProviderName, providerResource } from './provider-name.ts';
import { viewOf, type ProviderRecord, type ProviderSettings, type ProviderView } from './provider-record.ts';
import { endSessionsOf } from './provider-sessions.ts';

/**
 * Puts an OpenID provider on record, or replaces what is: from then on it says who some operators are. Another issuer in its place ends
 * the sessions that were opened at the one before.
 */
export class PutProvider {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /**
   * Whoever keeps the provider could become any operator whom it may name: what those would gain beyond the caller is within
   * `policy:escalate`.
   *
   * @throws AuthzError as the gate does; AccessError `invalid_name`, `invalid_provider`
   */
  perform(caller: Principal, name: string, input: ProviderInput, request: RequestContext): Promise<ProviderView> {
    const ask = { caller, action: 'identity:trust', resource: providerResource(name), request } as const;
    return this.#gate.perform(ask, (_reader, may) => this.#plan(caller, name, input, may));
  }

  async #plan(caller: Principal, name: string, input: ProviderInput, may: May): Promise<Plan<ProviderView>> {
    checkProviderName(name);
    const settings = parseProvider(input);
    if (!isWithinReach(this.#authority, caller, settings, may)) throw new AuthzError('denied');
    const held = this.#authority.find('provider', name);
    const clientSecret = input.clientSecret ?? keptSecret(held?.body, settings);
    const updatedAt = this.#clock.now().toISOString();
    const record = { name, ...settings, ...(clientSecret !== undefined && { clientSecret }), updatedAt };
    const isAnother = held !== undefined && held.body.issuer !== settings.issuer;
    const ended = isAnother ? endSessionsOf(this.#authority, name) : [];
    return { writes: [this.#authority.put('provider', record, held), ...ended], answer: viewOf(record) };
  }
}

/** Nobody can read the secret, so it stays where none is given; but it is only ever shown to whom it was given for. */
function keptSecret(before: ProviderRecord | undefined, { issuer, clientId, ca }: ProviderSettings): string | undefined {
  return before?.issuer === issuer && before.clientId === clientId && before.ca === ca ? before.clientSecret : undefined;
}
