import { z } from 'zod';
import { PER_ADDRESS, PER_CALLER } from './limits.ts';
import { PASSWORD_PROBLEMS } from './operator-routes.ts';
import { KIB, type Route } from './route.ts';
import { password, spiffeId, time, token, totp } from './shapes.ts';

const operatorName = z.string().min(1).max(64);
const pem = z.string().min(1).max(65_536);

const jwt = z
  .string()
  .min(1)
  .max(16_384)
  .meta({ description: 'of an issuer on record: a bound ServiceAccount token, or one of a CI system' });

/** Routes of operators, sessions, enrolments and certificates. */
export const IDENTITY_ROUTES = {
  setPassword: {
    summary: 'Set a password with a one-time token: of the first operator, who is made by it, or of one who was invited',
    method: 'PUT',
    path: '/api/v1/operators/{name}',
    action: 'identity:credentials',
    anonymous: false,
    limit: PER_CALLER.renew,
    credential: 'operatorToken',
    sealed: false,
    body: z.strictObject({ password }),
    bodyLimit: 16 * KIB,
    status: 204,
    problems: ['invalid_name', 'conflict', ...PASSWORD_PROBLEMS],
  },
  signIn: {
    summary: 'Open a session',
    method: 'POST',
    path: '/api/v1/session',
    action: 'identity:sign-in',
    anonymous: true,
    limit: PER_CALLER.rare,
    strangers: PER_ADDRESS.guess,
    sealed: false,
    body: z.strictObject({ name: operatorName, password, totp: totp.optional() }),
    bodyLimit: 16 * KIB,
    status: 201,
    response: z.object({ token, idleExpiresAt: time, expiresAt: time }).meta({ id: 'Session' }),
    problems: ['invalid_credentials', 'second_factor_required'],
  },
  signOut: {
    summary: 'End the session that the request carries',
    method: 'DELETE',
    path: '/api/v1/session',
    action: 'identity:sign-out',
    anonymous: false,
    limit: PER_CALLER.rare,
    sealed: false,
    status: 204,
    problems: ['not_found'],
  },
  enrol: {
    summary: 'Make a one-time token for one SPIFFE id',
    method: 'POST',
    path: '/api/v1/enrolments',
    action: 'identity:enrol',
    anonymous: false,
    limit: PER_CALLER.administer,
    sealed: false,
    body: z.strictObject({ spiffeId, ttl: z.int().min(60).max(604_800).optional().meta({ description: 'seconds' }) }),
    bodyLimit: 4 * KIB,
    status: 201,
    response: z.object({ token, expiresAt: time }).meta({ id: 'Enrolment' }),
    problems: ['invalid_spiffe_id'],
  },
  issueCertificate: {
    summary: 'Turn a certificate request into a certificate: the first with a token or a JWT, the next with the current one',
    method: 'POST',
    path: '/api/v1/certificates',
    action: 'identity:certify',
    anonymous: true,
    limit: PER_CALLER.renew,
    strangers: PER_ADDRESS.join,
    sealed: false,
    body: z.strictObject({ csr: pem, token: token.optional(), jwt: jwt.optional() }),
    bodyLimit: 96 * KIB,
    status: 201,
    response: z.object({ chain: pem, trustBundle: pem, notAfter: time }).meta({ id: 'IssuedCertificate' }),
    problems: ['csr_refused', 'csr_asks_for_more', 'invalid_spiffe_id', 'line_locked', 'not_renewable', 'review_unavailable'],
  },
} as const satisfies Record<string, Route>;
