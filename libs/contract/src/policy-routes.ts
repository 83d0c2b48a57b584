import { z } from 'zod';
import { PER_CALLER } from './limits.ts';
import { KIB, type Route } from './route.ts';
import { time, version } from './shapes.ts';

const actions = z.array(z.string()).min(1).max(64);

const rule = z
  .strictObject({
    allow: actions.optional(),
    deny: actions.optional(),
    on: z.string().min(1).max(2_048).meta({ description: '* within one segment, ** one or more segments', example: 'payments/prod/**' }),
    until: time.optional().meta({ description: 'the grant ends by itself' }),
  })
  .meta({ id: 'Rule', description: 'exactly one of allow and deny' });

const role = z
  .strictObject({
    role: z.string().max(64).meta({ example: 'payments-api' }),
    rules: z.array(rule).max(1_000),
    bind: z
      .array(z.string().max(2_048))
      .max(1_000)
      .meta({ example: ['spiffe://acme.internal/ns/payments/sa/api', 'operator:alice'] }),
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
