import { z } from 'zod';
import { role, rule } from './policy-routes.ts';
import { PER_CALLER } from './limits.ts';
import { KIB, type Route } from './route.ts';
import { time } from './shapes.ts';

const caller = z.string().min(1).max(2_048).meta({ description: 'spiffe://…, operator:NAME or anonymous', example: 'operator:alice' });
const action = z.string().min(1).max(64).meta({ example: 'secret:read' });
const resource = z.string().min(1).max(2_048).meta({ description: 'as rules and entries write it', example: 'payments/prod/db' });
const circumstances = z
  .strictObject({
    from: z.string().max(64).optional().meta({ description: "the caller's address" }),
    time: time.optional(),
    method: z.enum(['certificate', 'session', 'oidc']).optional(),
    factors: z.union([z.literal(1), z.literal(2)]).optional(),
    approved: z.boolean().optional(),
  })
  .meta({ description: 'what the conditions of rules look at; now, where no time is given' });
const ruleName = z.string().meta({ description: '<role>#<index of the rule>, or builtin:<name>', example: 'payments-api#0' });

const namedRule = z.object({ name: ruleName, role: z.string(), rule }).meta({ id: 'NamedRule' });

const explanation = z
  .object({
    caller: z.string(),
    action: z.string(),
    resource: z.string(),
    allowed: z.boolean(),
    depends: z.literal(true).optional().meta({ description: 'it hangs on labels that the asker may not see' }),
    rule: ruleName.optional().meta({ description: 'the one that decided; none where no rule spoke' }),
    decided: namedRule.optional(),
    denies: z.array(namedRule).meta({ description: 'every deny that speaks: while one of them does, no allow helps' }),
    nearest: z
      .object({ ...namedRule.shape, lacks: z.array(z.enum(['binding', 'action', 'resource', 'time', 'condition', 'labels', 'approval'])) })
      .optional()
      .meta({ description: 'the allow that comes closest; where it lacks nothing, a deny wins over it' }),
    missing: z.object({ rule, bind: z.string() }).optional().meta({ description: 'the smallest grant that would allow it' }),
    roles: z.array(z.string()).meta({ description: 'what the caller holds' }),
    request: z
      .object({ id: z.string(), time, rule: ruleName.optional() })
      .optional()
      .meta({ description: 'the request, and how it was decided' }),
  })
  .meta({ id: 'Explanation' });

const conditional = z.literal(true).optional().meta({ description: 'the rule has conditions' });

const whoCan = z
  .object({
    action: z.string(),
    resource: z.string(),
    direct: z.array(
      z.object({
        principal: z.string().meta({ description: 'operator:NAME, anonymous, a SPIFFE id or a pattern of them' }),
        rule: ruleName,
        conditional,
        unless: z.array(ruleName).optional().meta({ description: 'denies that have conditions: it holds while they do not' }),
        groups: z.array(z.string()).optional(),
        absent: z.literal(true).optional().meta({ description: 'a role is bound to the operator, but there is none' }),
        except: z.array(z.string()).optional().meta({ description: 'of a pattern: bindings of workloads in it that may be denied it' }),
      }),
    ),
    indirect: z.array(
      z.object({
        principal: z.string(),
        way: z.enum(['enrol', 'role', 'trust', 'group', 'operator', 'label']),
        on: z.string().meta({ description: 'whom it would become, or what it would change' }),
        rule: ruleName,
        conditional,
      }),
    ),
    partial: z.literal(true).optional().meta({ description: 'there are more than 1,000 in one of the lists' }),
  })
  .meta({ id: 'WhoCan' });

const simulation = z
  .object({
    items: z.array(
      z.object({
        caller: z.string(),
        action: z.string(),
        resource: z.string(),
        change: z.enum(['gained', 'lost']),
        rule: ruleName.meta({ description: 'the one by which it would be held, or is' }),
        conditional: z.literal(true).optional().meta({ description: 'it is, or would be, held under conditions' }),
        by: z.enum(['rules', 'secrets', 'log']).meta({ description: 'what it was found by' }),
      }),
    ),
    nextCursor: z.string().optional(),
    partial: z.literal(true).optional(),
    withheld: z
      .array(z.enum(['log']))
      .optional()
      .meta({ description: 'what the asker may not look at' }),
  })
  .meta({ id: 'Simulation' });

const suggestion = z
  .object({
    caller: z.string(),
    entries: z.number().meta({ description: 'how many were looked at' }),
    oldest: time.optional(),
    partial: z.literal(true).optional().meta({ description: 'there is more in that time' }),
    role: z.object({ role: z.string(), rules: z.array(rule), bind: z.array(z.string()) }),
    widened: z.literal(true).optional().meta({ description: 'the role allows more than was done' }),
    unused: z.array(z.object({ ...namedRule.shape, actions: z.array(z.string()) })).meta({ description: 'grants that nobody used' }),
  })
  .meta({ id: 'SuggestedRole' });

/** Routes of questions about the rules. */
export const AUTHZ_ROUTES = {
  explain: {
    summary: 'Say why a caller may do something or not, or why a request was denied',
    method: 'POST',
    path: '/api/v1/authz:explain',
    action: 'policy:read',
    anonymous: false,
    limit: PER_CALLER.costly,
    sealed: false,
    body: z.union([
      z.strictObject({ caller, action, resource, circumstances: circumstances.optional() }),
      z.strictObject({ requestId: z.string().min(1).max(64) }),
    ]),
    bodyLimit: 32 * KIB,
    status: 200,
    response: explanation,
    problems: ['invalid_question', 'not_found'],
  },
  whoCan: {
    summary: 'List who can do something, through which rule, and the indirect ways',
    method: 'POST',
    path: '/api/v1/authz:who-can',
    action: 'policy:read',
    anonymous: false,
    limit: PER_CALLER.costly,
    sealed: false,
    body: z.strictObject({ action, resource }),
    bodyLimit: 16 * KIB,
    status: 200,
    response: whoCan,
    problems: ['invalid_question'],
  },
  simulate: {
    summary: 'Say whose access would change with a changed or a deleted role',
    method: 'POST',
    path: '/api/v1/authz:simulate',
    action: 'policy:read',
    anonymous: false,
    limit: PER_CALLER.costly,
    sealed: false,
    body: z.strictObject({
      role: role.optional(),
      deleted: z.string().max(64).optional(),
      since: time.optional().meta({ description: 'how far back in the log; it is not looked at when this is left out' }),
      cursor: z.string().min(1).max(4_096).optional(),
    }),
    bodyLimit: 256 * KIB,
    status: 200,
    response: simulation,
    problems: ['invalid_question', 'invalid_role', 'invalid_cursor', 'integrity_failed'],
  },
  suggest: {
    summary: 'Write the smallest role that covers what a caller did, and list what nobody used',
    method: 'POST',
    path: '/api/v1/authz:suggest',
    action: 'audit:read',
    anonymous: false,
    limit: PER_CALLER.costly,
    sealed: false,
    body: z.strictObject({ caller, since: time }),
    bodyLimit: 16 * KIB,
    status: 200,
    response: suggestion,
    problems: ['invalid_question'],
  },
} as const satisfies Record<string, Route>;
