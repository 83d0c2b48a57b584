import { z } from 'zod';
import { PER_ADDRESS, PER_CALLER } from './limits.ts';
import { KIB, type Route } from './route.ts';
import { time } from './shapes.ts';

const jwk = z.looseObject({ kty: z.string().max(16), use: z.string().max(16).optional() });
/** A SPIFFE bundle document. Members and keys that are not for X.509 are let be. */
const spiffeBundle = z.looseObject({
  keys: z.array(jwk).max(128),
  spiffe_sequence: z.int().min(0).optional(),
  spiffe_refresh_hint: z.int().min(0).optional().meta({ description: 'seconds' }),
});

const bundleDocument = z
  .union(
    [z.strictObject({ pem: z.string().min(1).max(131_072) }), z.strictObject({ jwks: spiffeBundle })],
    'give exactly one of pem and jwks, a SPIFFE bundle document',
  )
  .meta({ id: 'BundleDocument' });

const count = z.int().min(0);
const trustBundle = z
  .object({
    trustDomain: z.string(),
    certificates: z.array(z.object({ fingerprint: z.string(), subject: z.string(), notBefore: time, notAfter: time, pem: z.string() })),
    lists: z
      .array(z.object({ issuer: z.string(), thisUpdate: time, nextUpdate: time, revoked: count }))
      .meta({ description: 'revocation lists, each with the fingerprint of its CA' }),
    sequence: count.optional(),
    refreshHint: count.optional(),
    updatedAt: time.optional(),
    updatedBy: z.string().optional(),
  })
  .meta({ id: 'TrustBundle' });

const trust = { action: 'identity:trust', anonymous: false, sealed: false, limit: PER_CALLER.administer } as const;

/** Routes of the trust bundles: whose certificates count, by trust domain. */
export const TRUST_ROUTES = {
  listTrustBundles: {
    summary: 'List the trust bundles',
    method: 'GET',
    path: '/api/v1/trust-bundles',
    action: 'identity:describe',
    anonymous: false,
    sealed: false,
    limit: PER_CALLER.list,
    status: 200,
    response: z.object({ items: z.array(trustBundle) }).meta({ id: 'TrustBundleList' }),
    problems: [],
  },
  putTrustBundle: {
    summary: 'Trust the CAs of a trust domain, or replace them whole',
    method: 'PUT',
    path: '/api/v1/trust-bundles/{name}',
    ...trust,
    body: bundleDocument,
    bodyLimit: 256 * KIB,
    status: 200,
    response: trustBundle,
    problems: ['invalid_spiffe_id', 'trust_bundle_refused', 'conflict'],
  },
  getTrustBundle: {
    summary: 'Read the trust bundle of a trust domain',
    method: 'GET',
    path: '/api/v1/trust-bundles/{name}',
    action: 'identity:describe',
    anonymous: false,
    sealed: false,
    limit: PER_CALLER.look,
    status: 200,
    response: trustBundle,
    problems: ['not_found'],
  },
  deleteTrustBundle: {
    summary: 'Trust a trust domain no longer',
    method: 'DELETE',
    path: '/api/v1/trust-bundles/{name}',
    ...trust,
    status: 204,
    problems: ['not_found', 'conflict'],
  },
  putCrls: {
    summary: "Put the revocation lists of a trust domain's CAs in the place of those that are there",
    method: 'PUT',
    path: '/api/v1/trust-bundles/{name}:crl',
    ...trust,
    body: z.strictObject({ crls: z.array(z.string().min(1).max(1_500_000)).max(8).meta({ description: 'PEM, or base64 of DER' }) }),
    bodyLimit: 2_048 * KIB,
    status: 200,
    response: trustBundle,
    problems: ['not_found', 'crl_refused', 'conflict'],
  },
  readSpiffeBundle: {
    summary: "Read the bundle of this server's own trust domain, as SPIFFE federation does",
    method: 'GET',
    path: '/api/v1/spiffe-bundle',
    action: 'system:describe',
    anonymous: true,
    sealed: false,
    limit: PER_CALLER.look,
    strangers: PER_ADDRESS.document,
    status: 200,
    response: spiffeBundle.meta({ id: 'SpiffeBundle' }),
    problems: [],
  },
} as const satisfies Record<string, Route>;
