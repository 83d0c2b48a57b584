import { z } from 'zod';
import { PER_CALLER } from './limits.ts';
import { KIB, type Route } from './route.ts';
import { count, reason, time, version } from './shapes.ts';

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

/** A role, as it is written. */
export const role = z
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

const change = { version, updatedAt: time, updatedBy: z.string(), reason: reason.optional() };
const storedRole = z.object({ ...role.shape, ...change }).meta({ id: 'StoredRole' });

const MOST_VERSIONS = 2_147_483_647;
const ifVersion = z
  .int()
  .min(0)
  .max(MOST_VERSIONS)
  .optional()
  .meta({ description: 'the version that it must have; 0: it must not be there' });
const diff = z.array(z.string()).meta({ description: 'what is added (`+ `) and taken away (`- `), a line each' });

/** Their names stand in the log before anything else is checked. */
const namedRole = role.extend({ role: z.string().regex(/^[A-Za-z0-9._@-]{1,64}$/), ifVersion }).meta({ id: 'RoleToApply' });

const appliedRole = z
  .object({
    role: z.string(),
    version,
    change: z.enum(['created', 'changed', 'unchanged']),
    escalates: z.boolean().meta({ description: 'whether it gives anybody more than before' }),
    diff: diff.optional().meta({ description: 'left out for who may not read the role' }),
  })
  .meta({ id: 'AppliedRole' });

const roleVersion = z.object({ ...change, deleted: z.boolean() }).meta({ id: 'RoleVersion' });

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
    body: role.extend({ ifVersion, reason: reason.optional() }),
    bodyLimit: 256 * KIB,
    status: 200,
    response: storedRole,
    problems: ['invalid_role', 'conflict'],
  },
  applyRoles: {
    summary: 'Apply several roles in one commit or not at all, or say what that would change',
    method: 'POST',
    path: '/api/v1/roles:apply',
    action: 'policy:write',
    anonymous: false,
    sealed: false,
    limit: PER_CALLER.administer,
    body: z.strictObject({
      roles: z.array(namedRole).min(1).max(1_000),
      reason: reason.optional(),
      dryRun: z.boolean().optional().meta({ description: 'check everything, change nothing' }),
    }),
    bodyLimit: 1_024 * KIB,
    status: 200,
    response: z.object({ items: z.array(appliedRole) }).meta({ id: 'AppliedRoles' }),
    problems: ['invalid_role', 'conflict'],
  },
  getRole: {
    summary: 'Read a role, as it is or as it was',
    method: 'GET',
    path: '/api/v1/roles/{name}',
    action: 'policy:read',
    anonymous: false,
    limit: PER_CALLER.look,
    sealed: false,
    query: z.strictObject({ version: count(MOST_VERSIONS).optional() }),
    status: 200,
    response: storedRole,
    problems: ['not_found'],
  },
  listRoleVersions: {
    summary: 'Who changed a role, when and why, the latest first',
    method: 'GET',
    path: '/api/v1/roles/{name}:versions',
    action: 'policy:read',
    anonymous: false,
    sealed: false,
    limit: PER_CALLER.look,
    status: 200,
    response: z.object({ items: z.array(roleVersion) }).meta({ id: 'RoleVersionList' }),
    problems: ['not_found'],
  },
  compareRoleVersions: {
    summary: 'What has changed from one version of a role to another: the latest and the one before, unless asked otherwise',
    method: 'GET',
    path: '/api/v1/roles/{name}:diff',
    action: 'policy:read',
    anonymous: false,
    sealed: false,
    limit: PER_CALLER.look,
    query: z.strictObject({ from: count(MOST_VERSIONS).optional(), to: count(MOST_VERSIONS).optional() }),
    status: 200,
    response: z.object({ from: z.int(), to: version, diff }).meta({ id: 'RoleComparison' }),
    problems: ['not_found'],
  },
  deleteRole: {
    summary: 'Delete a role; its versions are kept',
    method: 'DELETE',
    path: '/api/v1/roles/{name}',
    action: 'policy:delete',
    anonymous: false,
    limit: PER_CALLER.administer,
    sealed: false,
    query: z.strictObject({ ifVersion: count(MOST_VERSIONS).optional(), reason: reason.optional() }),
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
