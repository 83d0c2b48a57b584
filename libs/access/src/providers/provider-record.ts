/** A claim that has to have one of some values, or, where it is a list, to hold one. */
export interface ClaimCondition {
  readonly claim: string;
  readonly anyOf: readonly string[];
}

/** Which values of a claim become which of our groups. What is not listed becomes none. */
export interface GroupMapping {
  readonly claim: string;
  readonly map: readonly { readonly value: string; readonly group: string }[];
}

/** What of `acr` or `amr` says that two factors were given (RFC 8176). */
export interface SecondFactor {
  readonly acr?: readonly string[];
  readonly amr?: readonly string[];
}

/** An OpenID provider that operators sign in at, as an operator with `identity:trust` describes it. */
export interface ProviderSettings {
  /** As the provider writes it itself, to the character (OpenID Connect Core, section 2). */
  readonly issuer: string;
  readonly clientId: string;
  /** How the client secret is shown to the token endpoint (RFC 6749, section 2.3.1). Without a secret the client is a public one. */
  readonly clientAuth: 'basic' | 'post';
  /** PEM: who may vouch for the provider's servers, in place of whom the system knows. */
  readonly ca?: string;
  /** Where a browser may be sent back to. Loopback addresses go with any port (RFC 8252, section 7.3). */
  readonly redirectUris: readonly string[];
  readonly scopes: readonly string[];
  /** What operators are called: letters of ours around exactly one `{claim}`. */
  readonly operator: string;
  /** All of them have to hold. */
  readonly require: readonly ClaimCondition[];
  readonly groups?: GroupMapping;
  readonly secondFactor?: SecondFactor;
  /** Whether claims that are not in the ID token are asked for at the userinfo endpoint. */
  readonly userinfo: boolean;
}

/** The same as it is kept. */
export interface ProviderRecord extends ProviderSettings {
  readonly name: string;
  readonly clientSecret?: string;
  readonly updatedAt: string;
}

/** What anybody gets to see of it: all but the secret. */
export interface ProviderView extends ProviderSettings {
  readonly name: string;
  readonly hasClientSecret: boolean;
  readonly updatedAt: string;
}

export function viewOf({ clientSecret, ...settings }: ProviderRecord): ProviderView {
  return { ...settings, hasClientSecret: clientSecret !== undefined };
}
