import { compilePattern, standingOf, type Action, type Role, type Standing } from '#authz';
import type { BoundPrincipal } from './bound-principals.ts';
import { meet } from './escalation.ts';

/**
 * How somebody who can't do it could come to: enrol or certify a workload that can, write a role, trust a domain or an issuer that speaks for
 * such a workload, put an operator into a group or make themselves one, or change the labels that it hangs on.
 */
export type Way = 'enrol' | 'role' | 'trust' | 'group' | 'operator' | 'label';

/** One way, by the rule that opens it. */
export interface IndirectWay {
  readonly principal: string;
  readonly way: Way;
  /** What that rule is asked about: a SPIFFE id, a role, a trust domain, an issuer, a group, an operator or the secret. */
  readonly on: string;
  readonly rule: string;
  /** The rule has conditions. */
  readonly conditional?: true;
}

/** What somebody, or all of a group, holds by which it can be done already. */
export interface Target {
  /** `operator:NAME`, a SPIFFE id or a pattern of them, or `group:NAME`. */
  readonly name: string;
  readonly roles: readonly Role[];
  /** The SPIFFE id that an operator may come as. */
  readonly certificate?: string;
}

/** What there is to find ways in. */
export interface Terrain {
  readonly now: number;
  readonly roles: readonly Role[];
  readonly targets: readonly Target[];
  /** The secret, where somebody's right to it hangs on its labels. */
  readonly labelled?: string;
  /** Of this server: its workloads are enrolled here, others come with a trust bundle. */
  readonly trustDomain: string;
}

/** What has to be allowed for a way, and on what that is asked. */
interface Step {
  readonly way: Way;
  readonly on: string;
  readonly action: Action;
  readonly asked?: string;
}

/** Who may do none of these, on anything, has no way: that is nearly everybody, and costs no more than this. */
const STEPS: readonly Action[] = ['policy:write', 'identity:enrol', 'identity:trust', 'identity:operate', 'secret:label'];

/** The ways that are open to one principal. */
export function waysOf(principal: BoundPrincipal, terrain: Terrain): readonly IndirectWay[] {
  if (!STEPS.some((action) => standingOf(principal.roles, { action, resource: '', now: terrain.now }, () => true))) return [];
  const { targets, labelled } = terrain;
  const within = targets.filter(({ name, roles }) => name !== principal.name && mayGive(principal, roles, terrain));
  const steps: Step[] = [
    ...roleSteps(principal, terrain),
    ...within.flatMap((target) => stepsInto(target, terrain.trustDomain)),
    ...(labelled === undefined ? [] : [{ way: 'label', on: labelled, action: 'secret:label' } as const]),
  ];
  // One way may lead to many who can.
  const each = new Map(steps.map((step) => [`${step.way} ${step.on}`, step]));
  return [...each.values()].flatMap(({ way, on, action, asked = on }) => {
    const standing = mayDo(principal, action, asked, terrain);
    if (standing === undefined) return [];
    return [{ principal: principal.name, way, on, rule: standing.rule, ...(standing.conditional && { conditional: true as const }) }];
  });
}

/** How one becomes who can, by what it is called. */
function stepsInto({ name, certificate }: Target, trustDomain: string): Step[] {
  if (name.startsWith('group:')) {
    // Who signs in at a provider gets the groups that its settings say.
    const member = { way: 'group', on: name, action: 'identity:operate', asked: 'operator:*' } as const;
    return [member, { way: 'trust', on: 'provider:*', action: 'identity:trust' }];
  }
  if (!name.startsWith('operator:')) return stepsAs(name, trustDomain);
  const operator = { way: 'operator', on: name, action: 'identity:operate' } as const;
  return [operator, ...(certificate === undefined ? [] : stepsAs(certificate, trustDomain))];
}

/** How one gets a certificate of a SPIFFE id, or of one that fits a pattern. */
function stepsAs(id: string, trustDomain: string): Step[] {
  const domain = /^spiffe:\/\/([^/]+)/.exec(id)?.[1] ?? '';
  const foreign = { way: 'trust', on: `trust-domain:${domain}`, action: 'identity:trust' } as const;
  if (!meet(domain, trustDomain)) return [foreign];
  return [{ way: 'enrol', on: id, action: 'identity:enrol' }, { way: 'trust', on: 'issuer:*', action: 'identity:trust' }, foreign];
}

/** Any role does that may be written and made to give more: the first is named, or a new one. */
function roleSteps(principal: BoundPrincipal, terrain: Terrain): Step[] {
  const names = [...terrain.roles.map(({ role }) => role).toSorted(), '*'];
  const may = (action: Action, role: string): boolean => mayDo(principal, action, role, terrain) !== undefined;
  const name = names.find((role) => may('policy:escalate', role) && may('policy:write', role));
  return name === undefined ? [] : [{ way: 'role', on: name, action: 'policy:write' }];
}

/** Giving away what one does not hold takes `policy:escalate`. */
function mayGive(principal: BoundPrincipal, roles: readonly Role[], terrain: Terrain): boolean {
  return roles.every((role) => principal.roles.includes(role) || mayDo(principal, 'policy:escalate', role.role, terrain) !== undefined);
}

function mayDo({ roles }: BoundPrincipal, action: Action, resource: string, { now }: Terrain): Standing | undefined {
  return standingOf(roles, { action, resource, now }, mayBeAbout);
}

/** Identities of several kinds are written alike but for what stands before the colon. */
function mayBeAbout(on: string, resource: string): boolean {
  if (!resource.includes('*')) return compilePattern(on)(resource);
  return on === '**' || (kindOf(on) === kindOf(resource) && meet(on, resource));
}

function kindOf(name: string): string {
  return /^[a-z-]+:/.exec(name)?.[0] ?? '';
}
