import type { Gate, Plan, RequestContext, RowWrite } from '#authz';
import { ANONYMOUS, isToken, type Clock } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { claimantOf, type Claimant } from './claims.ts';
import { AccessError } from '../errors.ts';
import { openSession, type Session } from '../sessions/open-session.ts';
import type { AuthorizationAnswer, OpenIdConnect } from './openid-connect.ts';
import { operatorResource } from '../operators/operator-name.ts';
import { providerResource } from './provider-name.ts';
import type { ProviderRecord } from './provider-record.ts';
import type { OperatorRecord } from '../authority/records.ts';
import type { SignInFlows } from './sign-in-flows.ts';
import type { SigningIn } from '../sessions/signing-in.ts';

/** Operators whom providers may make, half of those that there may be: some let anybody have an account, and none is to be in the way of an invitation. */
const MOST_OPERATORS = 5_000;

/** What a sign-in at a provider is finished with. */
interface ProviderAnswer extends AuthorizationAnswer {
  /** The token of who began. */
  readonly flow: string;
}

interface Known extends Claimant {
  readonly provider: ProviderRecord;
}

/** Opens a session for whom a provider has made out, and keeps the groups that it says they are in. */
export class FinishSignIn {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #protocol: OpenIdConnect;
  readonly #flows: SignInFlows;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, { protocol, flows }: SigningIn, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#protocol = protocol;
    this.#flows = flows;
    this.#clock = clock;
  }

  /**
   * A code is redeemed once, before anything is decided: a plan may be made again, and a provider answers only the first time. Until
   * then nobody knows whose name the entry has; an answer that comes to nothing is recorded as the provider's.
   *
   * @throws AuthzError as the gate does; AccessError `sign_in_refused`, `issuer_unreachable`
   */
  async perform(name: string, answer: ProviderAnswer, request: RequestContext): Promise<Session & { readonly name: string }> {
    const redeemed = await this.#redeem(name, answer).then(known, failed);
    const resource = 'error' in redeemed ? providerResource(name) : operatorResource(redeemed.operator);
    return this.#gate.perform({ caller: ANONYMOUS, action: 'identity:sign-in', resource, request }, async () => {
      if ('error' in redeemed) throw redeemed.error;
      return this.#plan(redeemed, request.peer);
    });
  }

  async #redeem(name: string, { flow: token, ...answer }: ProviderAnswer): Promise<Known> {
    const flow = isToken('flow', token) ? this.#flows.take(this.#authority.hashOf('flow', token)) : undefined;
    // Compared here before the provider hears of it: an answer to somebody else's request is nobody's (login CSRF).
    if (flow?.provider.name !== name || flow.state !== answer.state) throw new AccessError('sign_in_refused');
    const claims = await this.#protocol.claimsFor(flow, answer);
    return { provider: flow.provider, ...claimantOf(flow.provider, claims) };
  }

  #plan({ provider, operator, subject, groups, factors }: Known, peer: string): Plan<Session & { readonly name: string }> {
    if (this.#authority.find('provider', provider.name)?.body !== provider) throw refused('the provider has changed meanwhile');
    const change = this.#operator(provider, { operator, subject, groups });
    const { session, writes } = openSession(this.#authority, this.#clock, { operator, method: 'oidc', factors, peer });
    const unchanged = [
      this.#authority.expectation('provider', provider.name),
      ...(change === undefined ? [this.#authority.expectation('operator', operator)] : []),
    ];
    return { expects: unchanged, writes: [...(change === undefined ? [] : [change]), ...writes], answer: { name: operator, ...session } };
  }

  /** A name belongs to the subject whom it was first given to: at another provider, or to another person there, it is taken. */
  #operator({ name: provider, issuer }: ProviderRecord, { operator, subject, groups }: Omit<Claimant, 'factors'>): RowWrite | undefined {
    const held = this.#authority.find('operator', operator);
    const oidc = { provider, issuer, subject };
    if (held === undefined) {
      if (this.#made() >= MOST_OPERATORS) throw refused('providers have made too many operators');
      return this.#authority.put('operator', { name: operator, oidc, groups, createdAt: this.#clock.now().toISOString() }, undefined);
    }
    const { body } = held;
    if (!isWhom(body.oidc, oidc)) throw refused('the name is taken');
    if (body.disabled === true) throw refused('the operator is disabled');
    return isSame(body.groups, groups) ? undefined : this.#authority.put('operator', { ...body, groups }, held);
  }

  #made(): number {
    return this.#authority.all('operator').filter(({ body }) => body.oidc !== undefined).length;
  }
}

function known(known: Known): Known {
  return known;
}

function failed(error: unknown): { readonly error: unknown } {
  return { error };
}

/** Whether a name was given to the very subject who comes now. */
function isWhom(given: OperatorRecord['oidc'], comes: Required<OperatorRecord>['oidc']): boolean {
  return given?.provider === comes.provider && given.issuer === comes.issuer && given.subject === comes.subject;
}

function isSame(before: readonly string[] = [], now: readonly string[]): boolean {
  return before.length === now.length && before.every((group, at) => group === now[at]);
}

function refused(hint: string): AccessError {
  return new AccessError('sign_in_refused', hint);
}
