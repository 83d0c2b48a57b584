import { z } from 'zod';
import { PER_ADDRESS, PER_CALLER } from './limits.ts';
import { KIB, type Route } from './route.ts';
import { time, token } from './shapes.ts';

const uri = z.string().min(1).max(2_048);
const claim = z.string().min(1).max(128);
const value = z.string().min(1).max(256);
const values = z.array(value).min(1).max(100);

const settings = {
  issuer: uri.meta({ example: 'https://login.acme.example', description: 'as the provider writes it itself' }),
  clientId: z.string().min(1).max(256),
  clientAuth: z.enum(['basic', 'post']).optional(),
  ca: z.string().min(1).max(65_536).optional().meta({ description: 'PEM: in place of the authorities that the system knows' }),
  redirectUris: z
    .array(uri)
    .min(1)
    .max(16)
    .meta({ example: ['http://127.0.0.1/callback'], description: 'of loopback with any port' }),
  scopes: z.array(z.string().min(1).max(64)).max(32).optional(),
  operator: z.string().min(1).max(128).meta({ example: 'corp-{sub}', description: "an operator's name around exactly one {claim}" }),
  require: z
    .array(z.strictObject({ claim, anyOf: values }))
    .max(32)
    .optional(),
  groups: z
    .strictObject({
      claim,
      map: z
        .array(z.strictObject({ value, group: z.string().min(1).max(64) }))
        .min(1)
        .max(100),
    })
    .optional(),
  secondFactor: z.strictObject({ acr: values.optional(), amr: values.optional() }).optional(),
  userinfo: z.boolean().optional().meta({ description: 'ask there for claims that are not in the ID token' }),
};

const provider = z
  .strictObject({ ...settings, clientSecret: z.string().min(1).max(1_024).optional().meta({ description: 'never given back' }) })
  .meta({ id: 'ProviderSettings' });

const stored = z
  .object({ name: z.string(), ...settings, hasClientSecret: z.boolean(), updatedAt: time })
  .meta({ id: 'Provider', description: 'without its secret' });

/** Routes of the OpenID providers that operators sign in at, and of signing in there. */
export const PROVIDER_ROUTES = {
  putProvider: {
    summary: 'Put an OpenID provider on record, or replace it',
    method: 'PUT',
    path: '/api/v1/providers/{name}',
    action: 'identity:trust',
    anonymous: false,
    limit: PER_CALLER.administer,
    sealed: false,
    body: provider,
    bodyLimit: 256 * KIB,
    status: 200,
    response: stored,
    problems: ['invalid_name', 'invalid_provider'],
  },
  getProvider: {
    summary: 'Read a provider, without its secret',
    method: 'GET',
    path: '/api/v1/providers/{name}',
    action: 'identity:describe',
    anonymous: false,
    limit: PER_CALLER.look,
    sealed: false,
    status: 200,
    response: stored,
    problems: ['not_found'],
  },
  deleteProvider: {
    summary: 'Delete a provider, and end the sessions that were opened there',
    method: 'DELETE',
    path: '/api/v1/providers/{name}',
    action: 'identity:trust',
    anonymous: false,
    limit: PER_CALLER.administer,
    sealed: false,
    status: 204,
    problems: ['not_found'],
  },
  listProviders: {
    summary: 'List the providers',
    method: 'GET',
    path: '/api/v1/providers',
    action: 'identity:describe',
    anonymous: false,
    limit: PER_CALLER.list,
    sealed: false,
    status: 200,
    response: z.object({ items: z.array(stored) }).meta({ id: 'ProviderList' }),
    problems: [],
  },
  startSignIn: {
    summary: 'Begin a sign-in at a provider',
    method: 'POST',
    path: '/api/v1/oidc/{name}:start',
    action: 'identity:sign-in',
    anonymous: true,
    limit: PER_CALLER.rare,
    strangers: PER_ADDRESS.guess,
    sealed: false,
    body: z.strictObject({ redirectUri: uri }),
    bodyLimit: 16 * KIB,
    status: 201,
    response: z.object({ authorizationUrl: uri, flow: token, expiresAt: time }).meta({ id: 'StartedSignIn' }),
    problems: ['not_found', 'redirect_refused', 'issuer_unreachable'],
  },
  finishSignIn: {
    summary: 'Open a session with what a provider sent back by way of the browser',
    method: 'POST',
    path: '/api/v1/oidc/{name}:finish',
    action: 'identity:sign-in',
    anonymous: true,
    limit: PER_CALLER.rare,
    strangers: PER_ADDRESS.guess,
    sealed: false,
    body: z.strictObject({ flow: token, code: uri, state: z.string().min(1).max(256), iss: uri.optional() }),
    bodyLimit: 32 * KIB,
    status: 201,
    response: z.object({ name: z.string(), token, idleExpiresAt: time, expiresAt: time }).meta({ id: 'ProviderSession' }),
    problems: ['sign_in_refused', 'issuer_unreachable'],
  },
} as const satisfies Record<string, Route>;
