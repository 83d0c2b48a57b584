import { z } from 'zod';
import { PER_CALLER } from './limits.ts';
import { KIB, type Route } from './route.ts';
import { reason, time } from './shapes.ts';

const approval = z
  .object({
    id: z.string(),
    caller: z.string().meta({ description: 'for whom it counts', example: 'operator:alice' }),
    action: z.string().meta({ example: 'secret:read' }),
    resource: z.string().meta({ example: 'payments/prod/root' }),
    reason,
    once: z.boolean().meta({ description: 'good for one use; otherwise until it ends' }),
    ttl: z.int().meta({ description: 'seconds that it waits and, once it is approved, may be used' }),
    state: z.enum(['pending', 'approved', 'denied']),
    requestedAt: time,
    expiresAt: time,
    decision: z.object({ by: z.string(), at: time, reason: reason.optional() }).optional(),
    uses: z.int(),
  })
  .meta({ id: 'Approval' });

const request = z.strictObject({
  action: z
    .string()
    .regex(/^[a-z]+:[a-z-]+$/)
    .max(64)
    .meta({ example: 'secret:read' }),
  resource: z
    .string()
    .regex(/^[A-Za-z0-9._:@/*-]{1,2048}$/)
    .meta({ example: 'payments/prod/root' }),
  reason,
  ttl: z.int().min(60).max(86_400).optional().meta({ description: 'seconds; an hour where it is left out' }),
  once: z.boolean().optional().meta({ description: 'true where it is left out' }),
});

const decision = z.strictObject({ reason: reason.optional() }).default({});

/** Routes of approvals: what takes a second person. */
export const APPROVAL_ROUTES = {
  requestApproval: {
    summary: 'Ask for the approval of a second operator',
    method: 'POST',
    path: '/api/v1/approvals',
    action: 'approval:request',
    anonymous: false,
    sealed: false,
    limit: PER_CALLER.rare,
    body: request,
    bodyLimit: 16 * KIB,
    status: 201,
    response: approval,
    problems: ['invalid_question', 'conflict'],
  },
  listApprovals: {
    summary: 'List what is asked for and has not ended: what the caller may list or, with `own=true`, has asked for',
    method: 'GET',
    path: '/api/v1/approvals',
    action: 'approval:list',
    anonymous: false,
    sealed: false,
    limit: PER_CALLER.list,
    query: z.strictObject({ own: z.literal('true').optional() }),
    status: 200,
    response: z.object({ items: z.array(approval) }).meta({ id: 'ApprovalList' }),
    problems: [],
  },
  getApproval: {
    summary: 'Read a request for approval, and what became of it',
    method: 'GET',
    path: '/api/v1/approvals/{name}',
    action: 'approval:list',
    anonymous: false,
    sealed: false,
    limit: PER_CALLER.look,
    status: 200,
    response: approval,
    problems: ['not_found'],
  },
  approve: {
    summary: 'Approve, as an operator who has not asked',
    method: 'POST',
    path: '/api/v1/approvals/{name}:approve',
    action: 'approval:decide',
    anonymous: false,
    sealed: false,
    limit: PER_CALLER.rare,
    body: decision,
    bodyLimit: 4 * KIB,
    status: 200,
    response: approval,
    problems: ['not_found', 'conflict'],
  },
  deny: {
    summary: 'Deny, or take an approval back',
    method: 'POST',
    path: '/api/v1/approvals/{name}:deny',
    action: 'approval:decide',
    anonymous: false,
    sealed: false,
    limit: PER_CALLER.rare,
    body: decision,
    bodyLimit: 4 * KIB,
    status: 200,
    response: approval,
    problems: ['not_found', 'conflict'],
  },
  cancelApproval: {
    summary: 'Take back what one has asked for',
    method: 'POST',
    path: '/api/v1/approvals/{name}:cancel',
    action: 'approval:request',
    anonymous: false,
    sealed: false,
    limit: PER_CALLER.rare,
    body: z.strictObject({}).default({}),
    bodyLimit: 4 * KIB,
    status: 204,
    problems: ['not_found'],
  },
} as const satisfies Record<string, Route>;
