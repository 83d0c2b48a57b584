import type { Claims } from './claims.ts';
import type { Flow } from './sign-in-flows.ts';

/** What came back by way of the browser (RFC 6749, section 4.1.2; RFC 9207). */
export interface AuthorizationAnswer {
  readonly code: string;
  readonly state: string;
  readonly iss?: string;
}

/** The protocol that is spoken with a provider: the authorization code flow with PKCE, over `Outbound`. */
export abstract class OpenIdConnect {
  /** Where a browser begins. @throws AccessError `issuer_unreachable` */
  abstract authorizationUrl(flow: Flow): Promise<string>;

  /**
   * Redeems the code for an ID token whose signature, issuer, audience, times and nonce were checked, and completes its claims where the
   * provider's record says so. A code is good once: it must not be called twice for one flow.
   *
   * @throws AccessError `sign_in_refused`, `issuer_unreachable`
   */
  abstract claimsFor(flow: Flow, answer: AuthorizationAnswer): Promise<Claims>;
}
