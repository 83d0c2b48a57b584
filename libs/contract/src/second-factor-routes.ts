import { z } from 'zod';
import { PER_CALLER } from './limits.ts';
import { KIB, type Route } from './route.ts';
import { nothing, password, time, totp } from './shapes.ts';

/** Routes of the second factor of an operator's sign-in. */
export const SECOND_FACTOR_ROUTES = {
  enrolTotp: {
    summary: "Begin a second factor of one's own: the secret for an authenticator, shown once",
    method: 'POST',
    path: '/api/v1/totp',
    action: 'identity:credentials',
    anonymous: false,
    limit: PER_CALLER.renew,
    sealed: false,
    body: z.strictObject({ password }),
    bodyLimit: 16 * KIB,
    status: 201,
    response: z
      .object({ uri: z.string().meta({ description: 'otpauth://totp/…, for an authenticator' }), expiresAt: time })
      .meta({ id: 'TotpEnrolment' }),
    problems: ['conflict', 'invalid_credentials'],
  },
  confirmTotp: {
    summary: 'Confirm it by a first code; from then on it is asked for',
    method: 'POST',
    path: '/api/v1/totp:confirm',
    action: 'identity:credentials',
    anonymous: false,
    limit: PER_CALLER.renew,
    sealed: false,
    body: z.strictObject({ totp }),
    bodyLimit: 4 * KIB,
    status: 200,
    response: z
      .object({ recoveryCodes: z.array(z.string()).meta({ description: 'each good once in place of a code; shown once' }) })
      .meta({ id: 'RecoveryCodes' }),
    problems: ['not_found', 'invalid_credentials'],
  },
  removeTotp: {
    summary: "Remove one's own second factor",
    method: 'POST',
    path: '/api/v1/totp:remove',
    action: 'identity:credentials',
    anonymous: false,
    limit: PER_CALLER.renew,
    sealed: false,
    body: z.strictObject({ password, totp }),
    bodyLimit: 16 * KIB,
    status: 204,
    problems: ['not_found', 'invalid_credentials'],
  },
  resetTotp: {
    summary: "Remove an operator's second factor, and end its sessions",
    method: 'POST',
    path: '/api/v1/operators/{name}:reset-totp',
    action: 'identity:operate',
    anonymous: false,
    limit: PER_CALLER.administer,
    sealed: false,
    body: nothing.default({}),
    bodyLimit: 4 * KIB,
    status: 204,
    problems: ['not_found'],
  },
} as const satisfies Record<string, Route>;
