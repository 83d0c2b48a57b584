import { z } from 'zod';
import { PER_CALLER } from './limits.ts';
import { KIB, type Route } from './route.ts';
import { password, time, token } from './shapes.ts';

const name = z.string().min(1).max(64).meta({ example: 'alice' });
const groups = z.array(z.string().min(1).max(64)).max(64).meta({ description: 'to which roles can be bound as group:NAME' });

const certificate = z.string().min(1).max(2_048).meta({ description: 'a SPIFFE id, or sha256:<hex> of a public key' });

const oidc = z
  .strictObject({ provider: z.string().min(1).max(32), subject: z.string().min(1).max(255) })
  .nullable()
  .meta({ description: 'who at a provider signs in as this operator; null: nobody' });

const operator = z
  .object({
    name,
    state: z.enum(['invited', 'active', 'disabled']),
    groups,
    certificate: certificate.optional(),
    provider: z.string().optional(),
    secondFactor: z.boolean(),
    createdAt: time,
  })
  .meta({ id: 'Operator' });

const invitation = z.object({ token, expiresAt: time }).meta({ id: 'Invitation', description: 'for one operator, to set a password with' });

const session = z
  .object({
    id: z.string(),
    method: z.enum(['session', 'oidc']),
    factors: z.union([z.literal(1), z.literal(2)]),
    peer: z.string().optional(),
    issuedAt: time,
    lastUsedAt: time,
    expiresAt: time,
    current: z.boolean(),
  })
  .meta({ id: 'SessionInfo' });

/** Of a new password. */
export const PASSWORD_PROBLEMS = ['password_too_short', 'password_too_long', 'password_common', 'password_malformed'] as const;

/** Routes of operators, their sessions, and what they prove themselves with. */
export const OPERATOR_ROUTES = {
  inviteOperator: {
    summary: 'Invite an operator: make it, and the one-time token with which it sets a password',
    method: 'POST',
    path: '/api/v1/operators',
    action: 'identity:operate',
    anonymous: false,
    limit: PER_CALLER.administer,
    sealed: false,
    body: z.strictObject({ name, groups: groups.optional() }),
    bodyLimit: 16 * KIB,
    status: 201,
    response: invitation,
    problems: ['invalid_name', 'conflict'],
  },
  listOperators: {
    summary: 'List the operators',
    method: 'GET',
    path: '/api/v1/operators',
    action: 'identity:describe',
    anonymous: false,
    limit: PER_CALLER.list,
    sealed: false,
    status: 200,
    response: z.object({ items: z.array(operator) }).meta({ id: 'OperatorList' }),
    problems: [],
  },
  getOperator: {
    summary: 'Read an operator',
    method: 'GET',
    path: '/api/v1/operators/{name}',
    action: 'identity:describe',
    anonymous: false,
    limit: PER_CALLER.look,
    sealed: false,
    status: 200,
    response: operator,
    problems: ['not_found'],
  },
  changeOperator: {
    summary: 'Disable or enable an operator, put it into other groups, or say with what it comes in; what is left out stays',
    method: 'PATCH',
    path: '/api/v1/operators/{name}',
    action: 'identity:operate',
    anonymous: false,
    limit: PER_CALLER.administer,
    sealed: false,
    body: z.strictObject({
      disabled: z.boolean().optional(),
      groups: groups.optional(),
      certificate: certificate.nullable().optional(),
      oidc: oidc.optional(),
    }),
    bodyLimit: 16 * KIB,
    status: 200,
    response: operator,
    problems: ['not_found', 'invalid_name', 'invalid_spiffe_id', 'conflict'],
  },
  deleteOperator: {
    summary: 'Delete an operator, and end all that it came in with',
    method: 'DELETE',
    path: '/api/v1/operators/{name}',
    action: 'identity:operate',
    anonymous: false,
    limit: PER_CALLER.administer,
    sealed: false,
    status: 204,
    problems: ['not_found', 'conflict'],
  },
  resetPassword: {
    summary: "Make an operator's password void, end its sessions, and invite it anew",
    method: 'POST',
    path: '/api/v1/operators/{name}:reset-password',
    action: 'identity:operate',
    anonymous: false,
    limit: PER_CALLER.administer,
    sealed: false,
    body: z.strictObject({}).default({}),
    bodyLimit: 4 * KIB,
    status: 201,
    response: invitation,
    problems: ['not_found', 'conflict'],
  },
  listSessions: {
    summary: 'List the sessions of an operator',
    method: 'GET',
    path: '/api/v1/operators/{name}:sessions',
    action: 'identity:describe',
    anonymous: false,
    limit: PER_CALLER.look,
    sealed: false,
    status: 200,
    response: z.object({ items: z.array(session) }).meta({ id: 'SessionList' }),
    problems: [],
  },
  endSessions: {
    summary: 'End one session of an operator, or all of them',
    method: 'DELETE',
    path: '/api/v1/operators/{name}:sessions',
    action: 'identity:sign-out',
    anonymous: false,
    limit: PER_CALLER.administer,
    sealed: false,
    query: z.strictObject({ id: z.string().min(1).max(128).optional().meta({ description: 'all where it is left out' }) }),
    status: 204,
    problems: ['not_found'],
  },
  changePassword: {
    summary: "Change one's own password, and end one's other sessions",
    method: 'PUT',
    path: '/api/v1/password',
    action: 'identity:credentials',
    anonymous: false,
    limit: PER_CALLER.renew,
    sealed: false,
    body: z.strictObject({ current: password, password }),
    bodyLimit: 32 * KIB,
    status: 204,
    problems: ['invalid_credentials', ...PASSWORD_PROBLEMS],
  },
} as const satisfies Record<string, Route>;
