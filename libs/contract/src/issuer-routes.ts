import { z } from 'zod';
import { PER_CALLER } from './limits.ts';
import { KIB, type Route } from './route.ts';
import { time, version } from './shapes.ts';

const text = z.string().min(1).max(512);
const value = z.union([text, z.number(), z.boolean()]);

const rule = z
  .strictObject({
    id: z.string().max(2_048).meta({
      description: 'a SPIFFE id in which {claim} may stand for a whole segment',
      example: 'spiffe://acme.internal/ns/{kubernetes.io.namespace}/sa/{kubernetes.io.serviceaccount.name}',
    }),
    when: z
      .record(z.string().max(520), z.union([value, z.array(value).min(1).max(64)]))
      .optional()
      .meta({
        description: 'claims and what they must be: a value, one of several, or a pattern with *',
        example: { ref: 'refs/heads/main' },
      }),
    ttl: z.int().min(60).max(86_400).optional().meta({ description: 'seconds that its certificates last' }),
    dnsNames: z
      .array(z.string().min(1).max(512))
      .max(16)
      .optional()
      .meta({ description: 'names of its certificates beside the SPIFFE id, in which {claim} may stand for a whole label' }),
  })
  .meta({ id: 'IssuerRule' });

const jwk = z.looseObject({ kty: z.string().max(16), kid: z.string().max(256).optional(), alg: z.string().max(16).optional() });

const issuer = z
  .strictObject({
    issuer: z.string().max(64).meta({ example: 'cluster-a' }),
    kind: z.enum(['kubernetes', 'jwt']),
    url: text.meta({ description: 'its `iss`, to the letter', example: 'https://kubernetes.default.svc' }),
    audiences: z
      .array(text)
      .min(1)
      .max(8)
      .meta({ example: ['holdfast'] }),
    jwks: z
      .looseObject({ keys: z.array(jwk).max(128) })
      .optional()
      .meta({ description: 'RFC 7517: its public keys' }),
    review: z
      .boolean()
      .optional()
      .meta({ description: 'whether the Kubernetes API server of the settings must know each token; then jwks may be left out' }),
    rules: z.array(rule).min(1).max(64),
  })
  .meta({ id: 'Issuer' });

const storedIssuer = z.object({ ...issuer.shape, version, updatedAt: time, updatedBy: z.string() }).meta({ id: 'StoredIssuer' });

/** Routes of the issuers whose tokens get workloads their first certificates. */
export const ISSUER_ROUTES = {
  putIssuer: {
    summary: 'Trust an issuer of tokens, or replace one',
    method: 'PUT',
    path: '/api/v1/issuers/{name}',
    action: 'identity:trust',
    anonymous: false,
    sealed: false,
    limit: PER_CALLER.administer,
    body: issuer,
    bodyLimit: 256 * KIB,
    status: 200,
    response: storedIssuer,
    problems: ['invalid_issuer', 'conflict'],
  },
  getIssuer: {
    summary: 'Read an issuer',
    method: 'GET',
    path: '/api/v1/issuers/{name}',
    action: 'identity:describe',
    anonymous: false,
    sealed: false,
    limit: PER_CALLER.look,
    status: 200,
    response: storedIssuer,
    problems: ['not_found'],
  },
  deleteIssuer: {
    summary: 'Trust an issuer no longer',
    method: 'DELETE',
    path: '/api/v1/issuers/{name}',
    action: 'identity:trust',
    anonymous: false,
    sealed: false,
    limit: PER_CALLER.administer,
    status: 204,
    problems: ['not_found'],
  },
  listIssuers: {
    summary: 'List the issuers',
    method: 'GET',
    path: '/api/v1/issuers',
    action: 'identity:describe',
    anonymous: false,
    sealed: false,
    limit: PER_CALLER.list,
    status: 200,
    response: z.object({ items: z.array(storedIssuer) }).meta({ id: 'IssuerList' }),
    problems: [],
  },
} as const satisfies Record<string, Route>;
