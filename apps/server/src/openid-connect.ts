import { createHash } from 'node:crypto';
import { AccessError, OpenIdConnect, type AuthorizationAnswer, type Claims, type Flow, type Outbound, type ProviderRecord } from '#access';
import type { Clock } from '#identity';
import type { Configuration, CustomFetch, IDToken, ServerMetadata, TokenEndpointResponse } from 'openid-client';

type Library = typeof import('openid-client');

/** What a provider publishes of itself is asked for again after this, and what could not be had after that. */
const KEEP_MS = 10 * 60_000;
const RETRY_MS = 5_000;
/** Seconds that a provider's clock may be away from ours. */
const TOLERANCE = 30;

/** Signatures that anybody can check and only the provider can make: no secret that both know, and not none. */
const SIGNATURES: ReadonlySet<unknown> = new Set(
  ['RS', 'PS', 'ES'].flatMap((kind) => ['256', '384', '512'].map((bits) => kind + bits)).concat('EdDSA', 'Ed25519'),
);

interface Discovered {
  readonly metadata: Promise<ServerMetadata>;
  until: number;
}

/** The protocol as `openid-client` speaks it, which is loaded when somebody signs in so. Whatever goes out goes by `Outbound`. */
export class OpenIdClient extends OpenIdConnect {
  readonly #outbound: Outbound;
  readonly #clock: Clock;
  /** By the record: a changed provider is another one. */
  readonly #discovered = new WeakMap<ProviderRecord, Discovered>();

  constructor(outbound: Outbound, clock: Clock) {
    super();
    this.#outbound = outbound;
    this.#clock = clock;
  }

  async authorizationUrl({ provider, redirectUri, state, nonce, verifier }: Flow): Promise<string> {
    const { library, configuration } = await this.#speakTo(provider);
    const challenge = await library.calculatePKCECodeChallenge(verifier);
    const parameters = { redirect_uri: redirectUri, scope: provider.scopes.join(' '), state, nonce, code_challenge: challenge };
    return orUnreachable(() => library.buildAuthorizationUrl(configuration, { ...parameters, code_challenge_method: 'S256' }).href);
  }

  async claimsFor({ provider, redirectUri, state, nonce, verifier }: Flow, answer: AuthorizationAnswer): Promise<Claims> {
    const { library, configuration } = await this.#speakTo(provider);
    const back = new URL(redirectUri);
    for (const [name, value] of Object.entries(answer)) if (value !== undefined) back.searchParams.set(name, value);
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
    return orRefused(async () => {
      const tokens = await library.authorizationCodeGrant(configuration, back, checks);
      const claims = checkedClaims(provider, tokens, tokens.claims());
      if (!provider.userinfo) return claims;
      // What was signed for this client wins over what is only told.
      return { ...(await library.fetchUserInfo(configuration, tokens.access_token, claims.sub)), ...claims };
    });
  }

  /** Keys are asked for at every sign-in: one that the provider has withdrawn signs nobody in. */
  async #speakTo(provider: ProviderRecord): Promise<{ library: Library; configuration: Configuration }> {
    const library = await import('openid-client');
    const { clientId, clientSecret, clientAuth, ca } = provider;
    const metadata = {
      client_secret: clientSecret,
      // The library reads the machine's clock; this server has one of its own.
      [library.clockSkew]: Math.round((this.#clock.now().getTime() - Date.now()) / 1_000),
      [library.clockTolerance]: TOLERANCE,
    };
    const secretly = clientAuth === 'post' ? library.ClientSecretPost : library.ClientSecretBasic;
    const authentication = clientSecret === undefined ? library.None() : secretly(clientSecret);
    const configuration = new library.Configuration(await this.#metadataOf(library, provider), clientId, metadata, authentication);
    configuration[library.customFetch] = fetchBy(this.#outbound, ca);
    library.enableNonRepudiationChecks(configuration);
    return { library, configuration };
  }

  #metadataOf(library: Library, provider: ProviderRecord): Promise<ServerMetadata> {
    const now = this.#clock.now().getTime();
    const known = this.#discovered.get(provider);
    if (known !== undefined && now < known.until) return known.metadata;
    const discovered: Discovered = { metadata: orUnreachable(() => this.#discover(library, provider)), until: now + KEEP_MS };
    this.#discovered.set(provider, discovered);
    // A provider that is down is not asked again for everybody who comes.
    discovered.metadata.catch(() => (discovered.until = now + RETRY_MS));
    return discovered.metadata;
  }

  async #discover(library: Library, { issuer, clientId, ca }: ProviderRecord): Promise<ServerMetadata> {
    const options = { [library.customFetch]: fetchBy(this.#outbound, ca) };
    const metadata = (await library.discovery(new URL(issuer), clientId, {}, library.None(), options)).serverMetadata();
    // The library takes a few spellings for the same, and some issuers for any tenant's.
    if (metadata.issuer !== issuer) throw new AccessError('issuer_unreachable', 'it calls itself something else');
    return metadata;
  }
}

/** `fetch` as the library wants it, over the one way out. */
function fetchBy(outbound: Outbound, ca: string | undefined): CustomFetch {
  return async (url, { method, headers, body }) => {
    const text = body === undefined || body === null ? undefined : textOf(body);
    const answer = await outbound.ask({ url, method: method === 'POST' ? 'POST' : 'GET', headers, body: text, ca });
    const { status } = answer;
    // A redirect, and whatever else is no whole answer, is none.
    if (status < 200 || status === 204 || status === 205 || (status >= 300 && status < 400))
      throw new AccessError('issuer_unreachable', 'it answers with a redirect, or with nothing');
    return new Response(new Uint8Array(answer.body), { status, headers: answer.headers });
  };
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError('a body of an unknown kind');
}

/** What the library leaves to its user, or does only where it is used in another way. */
function checkedClaims({ issuer, clientId }: ProviderRecord, { id_token, access_token }: TokenEndpointResponse, claims?: IDToken): IDToken {
  if (id_token === undefined || claims === undefined) throw refused('there is no ID token');
  const { alg } = headerOf(id_token);
  if (!SIGNATURES.has(alg)) throw refused('the ID token is signed in a way that is not accepted');
  if (claims.iss !== issuer) throw refused('the ID token is of another issuer');
  if (claims.azp !== undefined && claims.azp !== clientId) throw refused('the ID token was made for another client');
  const { at_hash } = claims;
  if (at_hash !== undefined && at_hash !== halfHash(String(alg), access_token))
    throw refused('the ID token belongs to another access token');
  return claims;
}

function headerOf(token: string): Readonly<Record<string, unknown>> {
  const header: unknown = JSON.parse(Buffer.from(token.split('.', 1).join(), 'base64url').toString('utf8'));
  return typeof header === 'object' && header !== null ? { ...header } : {};
}

/** OpenID Connect Core, section 3.1.3.6. */
function halfHash(alg: string, accessToken: string): string {
  const bits = /^[RPE]S(\d{3})$/.exec(alg)?.[1] ?? '512';
  const hash = createHash(`sha${bits}`).update(accessToken, 'ascii').digest();
  return hash.subarray(0, hash.length / 2).toString('base64url');
}

async function orUnreachable<T>(step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw ownErrorIn(error) ?? new AccessError('issuer_unreachable', 'what it publishes of itself is not valid');
  }
}

async function orRefused<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw ownErrorIn(error) ?? refused('the provider does not confirm it');
  }
}

/** The library wraps what its `fetch` throws; its own errors quote what came, and go nowhere. */
function ownErrorIn(error: unknown): AccessError | undefined {
  if (error instanceof AccessError) return error;
  return error instanceof Error && error.cause !== undefined ? ownErrorIn(error.cause) : undefined;
}

function refused(hint: string): AccessError {
  return new AccessError('sign_in_refused', hint);
}
