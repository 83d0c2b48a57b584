import { FIRST_OPERATOR, type Principal } from '#identity';
import type { Action } from '../language/actions.ts';
import type { Decision } from './weigh.ts';

/** A one-time token stands for nothing but its one use: what an operator may, its holder may not. */
type Standing = Principal['kind'] | 'token';

interface BuiltinRule {
  readonly name: string;
  readonly callers: readonly Standing[];
  readonly actions: readonly Action[];
  readonly on: (resource: string, caller: Principal) => boolean;
}

/**
 * What is allowed without a role, whole: what a caller needs in order to become one, and what concerns nobody but itself. The
 * operations behind these still ask for a token or a password. A deny of a role wins over them.
 */
const BUILTIN: readonly BuiltinRule[] = [
  {
    name: 'look-around',
    callers: ['anonymous', 'workload', 'operator'],
    actions: ['system:status', 'system:describe'],
    on: (resource) => resource === 'server',
  },
  {
    name: 'start',
    callers: ['anonymous', 'server'],
    actions: ['system:init', 'system:unseal'],
    on: (resource) => resource === 'server',
  },
  {
    name: 'sign-in',
    callers: ['anonymous'],
    actions: ['identity:sign-in'],
    on: (resource) => resource.startsWith('operator:') || resource.startsWith('provider:'),
  },
  {
    // The first token was made for no name: its holder becomes the operator that it names. Every other is for one operator.
    name: 'operator-token',
    callers: ['token'],
    actions: ['identity:credentials'],
    on: (resource, { id }) => (id === FIRST_OPERATOR ? resource.startsWith('operator:') : resource === `operator:${id}`),
  },
  {
    name: 'enrolment',
    callers: ['anonymous'],
    actions: ['identity:certify'],
    on: (resource) => resource.startsWith('spiffe://'),
  },
  {
    name: 'own-certificate',
    callers: ['workload'],
    actions: ['identity:certify'],
    on: (resource, caller) => resource === caller.id,
  },
  {
    // The operation refuses to ask for what no rule would allow with an approval.
    name: 'ask-for-approval',
    callers: ['workload', 'operator'],
    actions: ['approval:request'],
    on: (resource) => resource !== '**',
  },
  {
    name: 'own-approvals',
    callers: ['workload', 'operator'],
    actions: ['approval:list'],
    on: (resource) => resource.startsWith('own/'),
  },
  {
    name: 'own-account',
    callers: ['operator'],
    actions: ['identity:describe', 'identity:credentials', 'identity:sign-out'],
    on: (resource, caller) => resource === `operator:${caller.id}`,
  },
];

/** The decision where no role speaks. */
export function decideBuiltin(caller: Principal, action: Action, resource: string): Decision {
  const standing = caller.method === 'token' ? 'token' : caller.kind;
  const rule = BUILTIN.find((rule) => rule.callers.includes(standing) && rule.actions.includes(action) && rule.on(resource, caller));
  return rule ? { allowed: true, rule: `builtin:${rule.name}` } : { allowed: false };
}
