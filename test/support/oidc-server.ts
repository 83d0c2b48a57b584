import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { exportJWK, type JWK } from 'jose';
import { Provider } from 'oidc-provider';
import { TestAuthority } from './certificates.ts';
import { portOf } from './ports.ts';

/** A real OpenID provider, npm's `oidc-provider`, with its own pages, on TLS of a CA made at run time. */
export class OidcServer implements AsyncDisposable {
  readonly ca: string;
  readonly issuer: string;
  readonly clientSecret: string;
  /** Claims of everybody who has an account, beside `sub`, which is what they sign in as. Changed ones hold from the next sign-in. */
  readonly accounts = new Map<string, Readonly<Record<string, unknown>>>();
  readonly #server: Server;

  private constructor(server: Server, ca: string, clientSecret: string, key: JWK) {
    this.#server = server;
    this.ca = ca;
    this.clientSecret = clientSecret;
    this.issuer = `https://127.0.0.1:${portOf(server)}`;
    const provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: 'holdfast',
          client_secret: clientSecret,
          application_type: 'native',
          redirect_uris: ['http://127.0.0.1/callback'],
          grant_types: ['authorization_code'],
        },
      ],
      claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
      conformIdTokenClaims: false,
      cookies: { keys: [randomBytes(32).toString('hex')] },
      jwks: { keys: [key] },
      pkce: { required: () => true },
      ttl: { AccessToken: 60, Grant: 600, IdToken: 60, Interaction: 600, Session: 600 },
      findAccount: (_context, sub) => {
        const claims = this.accounts.get(sub);
        return claims && { accountId: sub, claims: () => ({ sub, ...claims }) };
      },
    });
    const serve = provider.callback();
    server.on('request', (request, response) => void serve(request, response));
  }

  static async start(): Promise<OidcServer> {
    const authority = await TestAuthority.root('identities');
    const { certificatePem: cert, privateKeyPem } = await authority.server();
    const server = createServer({ cert, key: privateKeyPem }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const key = { ...(await exportJWK(privateKey)), kid: 'one', use: 'sig', alg: 'RS256' };
    return new OidcServer(server, authority.pem, `CANARY${randomBytes(16).toString('hex')}`, key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close().closeAllConnections();
    await closed;
  }
}
