import { randomBytes } from 'node:crypto';
import type { Gate, RequestContext } from '#authz';
import { ANONYMOUS, newToken } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import type { OpenIdConnect } from './openid-connect.ts';
import { providerResource } from './provider-name.ts';
import type { ProviderRecord } from './provider-record.ts';
import { isAllowedRedirect } from './redirect-uri.ts';
import type { Flow, SignInFlows } from './sign-in-flows.ts';
import type { SigningIn } from '../sessions/signing-in.ts';

/** Where a browser begins, and the secret that finishes what it brings back. */
interface BegunSignIn {
  readonly authorizationUrl: string;
  readonly flow: string;
  readonly expiresAt: string;
}

/** Begins a sign-in at a provider. */
export class StartSignIn {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #protocol: OpenIdConnect;
  readonly #flows: SignInFlows;

  constructor(gate: Gate, authority: Authority, { protocol, flows }: SigningIn) {
    this.#gate = gate;
    this.#authority = authority;
    this.#protocol = protocol;
    this.#flows = flows;
  }

  /**
   * Only who gets this answer can finish: the flow's token goes by no browser, so that who steals the code has nothing
   * (RFC 9700, section 2.1).
   *
   * @throws AuthzError as the gate does; AccessError `not_found`, `redirect_refused`, `issuer_unreachable`
   */
  async perform(name: string, redirectUri: string, request: RequestContext): Promise<BegunSignIn> {
    const ask = { caller: ANONYMOUS, action: 'identity:sign-in', resource: providerResource(name), request } as const;
    const { flow, authorizationUrl } = await this.#gate.perform(ask, async () => {
      const provider = this.#authority.find('provider', name)?.body;
      if (provider === undefined) throw new AccessError('not_found');
      if (!isAllowedRedirect(redirectUri, provider.redirectUris)) throw new AccessError('redirect_refused');
      const flow = newFlow(provider, redirectUri);
      return { answer: { flow, authorizationUrl: await this.#protocol.authorizationUrl(flow) } };
    });
    const token = newToken('flow');
    const expiresAt = this.#flows.begin(this.#authority.hashOf('flow', token), flow, request.peer);
    return { authorizationUrl, flow: token, expiresAt: expiresAt.toISOString() };
  }
}

function newFlow(provider: ProviderRecord, redirectUri: string): Flow {
  return { provider, redirectUri, state: random(), nonce: random(), verifier: random() };
}

/** 256 bits in base64url. */
function random(): string {
  return randomBytes(32).toString('base64url');
}
