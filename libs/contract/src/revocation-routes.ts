import { z } from 'zod';
import { PER_CALLER } from './limits.ts';
import { KIB, type Route } from './route.ts';
import { count, spiffeId, time } from './shapes.ts';

const fingerprint = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/)
  .meta({ description: 'of one certificate' });
const serial = z
  .string()
  .regex(/^[0-9A-Fa-f]{1,42}$/)
  .meta({ description: 'of one certificate, in hex' });
const trustDomain = z.string().min(1).max(255).optional().meta({ description: "whose CA issued it; the server's own when left out" });
const prefix = z.string().max(2_048).meta({ description: 'every SPIFFE id below', example: 'spiffe://acme.internal/ns/payments/**' });

const revocation = z
  .union(
    [z.strictObject({ spiffeId }), z.strictObject({ fingerprint }), z.strictObject({ serial, trustDomain }), z.strictObject({ prefix })],
    'give exactly one of spiffeId, fingerprint, serial and prefix',
  )
  .meta({ id: 'RevocationRequest' });

const revoked = z
  .object({ subject: z.string(), revokedAt: time, revokedBy: z.string() })
  .meta({ id: 'Revocation', description: 'the subject is a SPIFFE id, a prefix, a fingerprint, or trust-domain:NAME/serial/HEX' });

/** Routes of revocations. */
export const REVOCATION_ROUTES = {
  revoke: {
    summary: 'Revoke a certificate, a SPIFFE id, or all below a prefix, effective for the next request',
    method: 'POST',
    path: '/api/v1/revocations',
    action: 'identity:revoke',
    anonymous: false,
    limit: PER_CALLER.administer,
    sealed: false,
    body: revocation,
    bodyLimit: 4 * KIB,
    status: 204,
    problems: ['invalid_spiffe_id'],
  },
  listRevocations: {
    summary: 'List revocations, as far as the caller may see them',
    method: 'GET',
    path: '/api/v1/revocations',
    action: 'identity:describe',
    anonymous: false,
    limit: PER_CALLER.list,
    sealed: false,
    query: z.strictObject({ limit: count(1_000).optional(), cursor: z.string().max(2_560).optional() }),
    status: 200,
    response: z.object({ items: z.array(revoked), nextCursor: z.string().optional() }).meta({ id: 'RevocationList' }),
    problems: [],
  },
  liftRevocation: {
    summary: 'Lift a revocation',
    method: 'POST',
    path: '/api/v1/revocations:lift',
    action: 'identity:revoke',
    anonymous: false,
    limit: PER_CALLER.administer,
    sealed: false,
    body: revocation,
    bodyLimit: 4 * KIB,
    status: 204,
    problems: ['invalid_spiffe_id', 'not_found'],
  },
} as const satisfies Record<string, Route>;
