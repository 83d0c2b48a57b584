import { createHash, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { text } from 'node:stream/consumers';
import { exportJWK, SignJWT, type JWK, type JWTHeaderParameters } from 'jose';
import type { Clock } from '#identity';
import { TestAuthority, type TestCertificate } from './certificates.ts';
import { portOf } from './ports.ts';

/** What an issuer says of somebody, and how it signs it. */
export interface Said {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Partial<JWTHeaderParameters>;
  /** In place of its own key. */
  readonly key?: KeyObject | Uint8Array;
  /** The whole ID token, where it is none of `jose`'s. */
  readonly idToken?: string;
}

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface SigningKey {
  readonly privateKey: KeyObject;
  readonly jwk: JWK;
}

interface Given {
  readonly said: Said;
  readonly asked: URLSearchParams;
}

/**
 * An OpenID provider on TLS of its own, without pages: whoever has an authorization URL gets a code for whatever is to be said. What it
 * publishes, signs and answers can be spoiled one thing at a time.
 */
export class FakeIssuer implements AsyncDisposable {
  readonly authority: TestAuthority;
  readonly clientId = 'holdfast';
  readonly clientSecret = `CANARY${randomBytes(8).toString('hex')}`;
  /** Every request to it, as `METHOD path`. */
  readonly asked: string[] = [];
  /** What came in the `Authorization` header, by path. */
  readonly credentials: [path: string, authorization: string | undefined][] = [];
  /** What is answered in place of what is right, by path. */
  readonly spoiled = new Map<string, Answer>();
  /** What its discovery document says beside, or instead. */
  metadata: Readonly<Record<string, unknown>> = {};
  userinfo: Readonly<Record<string, unknown>> = {};
  readonly key: KeyObject;
  readonly #jwk: JWK;
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #codes = new Map<string, Given>();

  private constructor(authority: TestAuthority, tls: TestCertificate, { privateKey, jwk }: SigningKey, clock: Clock) {
    this.authority = authority;
    this.key = privateKey;
    this.#jwk = jwk;
    this.#clock = clock;
    const { certificatePem: cert, privateKeyPem: key } = tls;
    this.#server = createServer({ cert, key }, (request, response) => void this.#serve(request, response));
  }

  static async start(clock: Clock = { now: () => new Date() }): Promise<FakeIssuer> {
    const authority = await TestAuthority.root('fake issuer');
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', use: 'sig', alg: 'ES256' };
    const issuer = new FakeIssuer(authority, await authority.server(), { privateKey, jwk }, clock);
    issuer.#server.listen(0, '127.0.0.1');
    await once(issuer.#server, 'listening');
    return issuer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close().closeAllConnections();
    await closed;
  }

  get issuer(): string {
    return `https://127.0.0.1:${portOf(this.#server)}`;
  }

  /** A provider's record for it, as it is sent. */
  settings(more: object = {}) {
    return {
      issuer: this.issuer,
      clientId: this.clientId,
      clientSecret: this.clientSecret,
      ca: this.authority.pem,
      redirectUris: ['http://127.0.0.1/callback'],
      operator: '{preferred_username}',
      ...more,
    };
  }

  /** What a browser would bring back from there. */
  answerTo(authorizationUrl: string, said: Said = {}): { readonly code: string; readonly state: string; readonly iss: string } {
    const asked = new URL(authorizationUrl).searchParams;
    const code = randomBytes(16).toString('hex');
    this.#codes.set(code, { said, asked });
    return { code, state: asked.get('state') ?? '', iss: this.issuer };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path } = new URL(request.url ?? '', this.issuer);
    this.asked.push(`${request.method} ${path}`);
    this.credentials.push([path, request.headers.authorization]);
    const body = await text(request);
    const answer = this.spoiled.get(path) ?? (await this.#answer(path, new URLSearchParams(body)));
    const { status = 200, headers = { 'content-type': 'application/json' } } = answer;
    response.writeHead(status, headers).end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}));
  }

  async #answer(path: string, form: URLSearchParams): Promise<Answer> {
    if (path === '/.well-known/openid-configuration') return { body: this.#discovery };
    if (path === '/jwks') return { body: { keys: [this.#jwk] } };
    if (path === '/userinfo') return { body: this.userinfo };
    if (path === '/token') return this.#token(form);
    return { status: 404 };
  }

  get #discovery(): object {
    const { issuer } = this;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      userinfo_endpoint: `${issuer}/userinfo`,
      authorization_response_iss_parameter_supported: true,
      id_token_signing_alg_values_supported: ['ES256'],
      ...this.metadata,
    };
  }

  async #token(form: URLSearchParams): Promise<Answer> {
    const code = form.get('code') ?? '';
    const given = this.#codes.get(code);
    this.#codes.delete(code);
    const proven = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url'); // prettier-ignore
    const { said, asked } = given ?? {};
    if (said === undefined || proven !== asked?.get('code_challenge') || form.get('redirect_uri') !== asked.get('redirect_uri'))
      return { status: 400, body: { error: 'invalid_grant' } };
    return {
      body: { access_token: 'access', token_type: 'Bearer', expires_in: 60, id_token: said.idToken ?? (await this.#idToken(said, asked)) },
    };
  }

  #idToken({ claims, header, key = this.key }: Said, asked: URLSearchParams): Promise<string> {
    const now = Math.floor(this.#clock.now().getTime() / 1_000);
    const usual = { iss: this.issuer, aud: this.clientId, sub: 'subject-1', preferred_username: 'olga', nonce: asked.get('nonce') };
    const whole = Object.entries({ ...usual, iat: now, exp: now + 60, ...claims }).filter(([, value]) => value !== undefined);
    return new SignJWT(Object.fromEntries(whole)).setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header }).sign(key);
  }
}
