import type { OpenIdConnect } from '../providers/openid-connect.ts';
import type { SignInFlows } from '../providers/sign-in-flows.ts';

/** What both halves of a sign-in at a provider share. */
export interface SigningIn {
  readonly protocol: OpenIdConnect;
  readonly flows: SignInFlows;
}
