import { z } from 'zod';
import { PER_CALLER } from './limits.ts';
import { KIB, type Route } from './route.ts';
import { time, version } from './shapes.ts';

const actions = z.array(z.string()).min(1).max(64);

const oneOrMore = z.union([z.string().max(256), z.array(z.string().max(256)).min(1).max(64)]);

/** Zod's own type of an object with further names would give all of them one type. */
interface When {
  readonly [label: `label.${string}`]: string | readonly string[] | undefined;
  readonly from?: string | readonly string[];
  readonly time?: { readonly days?: readonly string[]; readonly between?: readonly string[]; readonly zone?: string };
  readonly method?: string | readonly string[];
  readonly factors?: 2;
  readonly approved?: true;
}

const when: z.ZodType<When> = z
  .object({
    from: oneOrMore.optional().meta({ description: "networks of the socket's own peer", example: ['10.0.0.0/8'] }),
    time: z
      .strictObject({
        days: z.array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])).min(1).max(7).optional(), // prettier-ignore
        between: z
          .array(z.string().max(5))
          .length(2)
          .optional()
          .meta({ description: 'from, and until', example: ['08:00', '18:00'] }),
        zone: z.string().max(64).optional().meta({ description: 'IANA name; UTC when left out', example: 'Europe/Rome' }),
      })
      .optional(),
    method: oneOrMore.optional().meta({ description: 'certificate, session or oidc', example: 'certificate' }),
    factors: z.literal(2).optional().meta({ description: 'at least so many' }),
    approved: z.literal(true).optional().meta({ description: 'somebody else has approved of this very access' }),
  })
  .catchall(oneOrMore)
  .meta({
    id: 'When',
    description: 'all of it must hold; label.NAME beside what is named here',
    example: { 'label.tier': ['web', 'api'] },
  });

/** One rule of a role, as it is written. */
export const rule = z
  .strictObject({
    allow: actions.optional(),
    deny: actions.optional(),
    on: z.string().min(1).max(2_048).meta({ description: '* within one segment, ** one or more segments', example: 'payments/prod/**' }),
    fields: z
      .array(z.string().max(256))
      .min(1)
      .max(64)
      .optional()
      .meta({ description: 'of secret:read alone', example: ['username'] }),
    when: when.optional(),
    until: time.optional().meta({ description: 'the grant ends by itself' }),
  })
  .meta({ id: 'Rule', description: 'exactly one of allow and deny' });

const role = z
  .strictObject({
    role: z.string().max(64).meta({ example: 'payments-api' }),
    extends: z.array(z.string().max(64)).min(1).max(64).optional().meta({ description: 'roles whose rules are its own too' }),
    rules: z.array(rule).max(1_000),
    bind: z
      .array(z.string().max(2_048))
      .max(1_000)
      .meta({ example: ['spiffe://acme.internal/ns/payments/sa/api', 'operator:alice', 'group:payments'] }),
    everyone: z.literal(true).optional().meta({ description: 'a binding to every workload, or to a whole trust domain, is meant' }),
  })
  .meta({ id: 'Role' });

const storedRole = z.object({ ...role.shape, version, updatedAt: time }).meta({ id: 'StoredRole' });

/** Routes of roles. */
export const POLICY_ROUTES = {
  applyRole: {
    summary: 'Create or replace a role',
    method: 'PUT',
    path: '/api/v1/roles/{name}',
    action: 'policy:write',
    anonymous: false,
    limit: PER_CALLER.administer,
    sealed: false,
    body: role,
    bodyLimit: 256 * KIB,
    status: 200,
    response: storedRole,
    problems: ['invalid_role', 'conflict'],
  },
  getRole: {
    summary: 'Read a role',
    method: 'GET',
    path: '/api/v1/roles/{name}',
    action: 'policy:read',
    anonymous: false,
    limit: PER_CALLER.look,
    sealed: false,
    status: 200,
    response: storedRole,
    problems: ['not_found'],
  },
  deleteRole: {
    summary: 'Delete a role',
    method: 'DELETE',
    path: '/api/v1/roles/{name}',
    action: 'policy:delete',
    anonymous: false,
    limit: PER_CALLER.administer,
    sealed: false,
    status: 204,
    problems: ['not_found', 'conflict'],
  },
  listRoles: {
    summary: 'List the roles',
    method: 'GET',
    path: '/api/v1/roles',
    action: 'policy:list',
    anonymous: false,
    limit: PER_CALLER.list,
    sealed: false,
    status: 200,
    response: z.object({ items: z.array(storedRole) }).meta({ id: 'RoleList' }),
    problems: [],
  },
} as const satisfies Record<string, Route>;
