import { z } from 'zod';
import { rule } from './policy-routes.ts';
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
} as const satisfies Record<string, Route>;
