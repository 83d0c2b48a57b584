import type { Principal } from '#identity';
import { areaOf } from './actions.ts';
import { decideBuiltin } from './builtin-rules.ts';
import { CompiledRoles } from './compiled-roles.ts';
import { bindingOf } from './named-caller.ts';
import { Pattern } from './pattern.ts';
import type { Role, Rule } from './role.ts';
import { fitOf, namedRules, prefixOf, speaksOf, type Access, type NamedRule } from './rule-fit.ts';
import type { Decision } from './weigh.ts';

/** What an allow lacks to be the one that lets the caller in: it is not bound to it, of other actions, on something else, or over. */
export type Lack = 'binding' | 'action' | 'resource' | 'time';

/** The rule that comes closest to allowing it; where it lacks nothing, a deny wins over it. */
export interface NearestRule extends NamedRule {
  readonly lacks: readonly Lack[];
}

/** A role that gives one caller one access and nothing else. */
export interface SmallestGrant {
  readonly rule: Rule;
  readonly bind: string;
}

/** Why an access is allowed or not. */
export interface Explanation {
  readonly allowed: boolean;
  /** The rule that decided, as the entry names it; none where no rule spoke. */
  readonly rule?: string;
  /** The same as it is written, unless it is a built-in one. */
  readonly decided?: NamedRule;
  /** Every deny that speaks: while one of them does, no allow helps. */
  readonly denies: readonly NamedRule[];
  readonly nearest?: NearestRule;
  /** What is missing where no rule allows it to a caller whom a role can be bound to. */
  readonly missing?: SmallestGrant;
}

/** The decision of the engine on what a caller with these roles asks for. */
export function decideWith(held: readonly Role[], caller: Principal, { action, resource, now }: Access): Decision {
  const roles = new CompiledRoles(held);
  const prefix = prefixOf(action, resource);
  const access = { caller, action, resource: prefix ?? resource, peer: '', now };
  if (prefix !== undefined) return roles.decideBelow(access);
  return roles.decide(access) ?? decideBuiltin(caller, action, resource);
}

/** Explains a decision. `held` are the roles of the caller, `all` those that there are: the nearest rule may be of any. */
export function explainDecision(caller: Principal, access: Access, held: readonly Role[], all: readonly Role[]): Explanation {
  const { allowed, rule } = decideWith(held, caller, access);
  const own = held.flatMap(namedRules);
  const denies = own.filter((named) => named.rule.deny !== undefined && speaksOf(named.rule, access));
  const decided = own.find(({ name }) => name === rule);
  if (allowed) return { allowed, rule, decided, denies };
  const nearest = nearestOf(access, held, all);
  const bind = bindingOf(caller);
  const grant = { rule: { allow: [access.action], on: access.resource }, bind: bind ?? '' };
  const missing = bind === undefined || nearest?.lacks.length === 0 ? undefined : grant;
  return { allowed, rule, decided, denies, nearest, missing };
}

/** How far each lack is from an allow: what is over, or somebody else's, was meant to be given; another resource hardly ever. */
const DISTANCE: Readonly<Record<Lack, number>> = { time: 1, binding: 2, action: 2, resource: 3 };
/** Beyond it a rule has nothing to do with what was asked for. */
const FARTHEST = 6;

function nearestOf(access: Access, held: readonly Role[], all: readonly Role[]): NearestRule | undefined {
  const own = new Set(held.map(({ role }) => role));
  let nearest: NearestRule | undefined;
  let least = FARTHEST;
  for (const named of all.toSorted((a, b) => (a.role < b.role ? -1 : 1)).flatMap(namedRules)) {
    if (!isOfArea(named.rule, access)) continue;
    const lacks = lacksOf(named, access, own);
    const distance = lacks.reduce((sum, lack) => sum + DISTANCE[lack], 0) + strangeness(named.rule, access, lacks);
    if (distance >= least) continue;
    nearest = { ...named, lacks };
    least = distance;
  }
  return nearest;
}

function isOfArea({ allow }: Rule, { action }: Access): boolean {
  return allow?.some((named) => named.startsWith(`${areaOf(action)}:`)) === true;
}

function lacksOf({ role, rule }: NamedRule, access: Access, own: ReadonlySet<string>): readonly Lack[] {
  const fit = fitOf(rule, access);
  const lacks: Lack[] = own.has(role) ? [] : ['binding'];
  for (const part of ['action', 'resource', 'time'] as const) if (!fit[part]) lacks.push(part);
  return lacks;
}

/** Of a rule on something else, 0 to 3: the fewer of its leading segments fit, the stranger. One that shares none is out of reach. */
function strangeness({ on }: Rule, { resource }: Access, lacks: readonly Lack[]): number {
  if (!lacks.includes('resource')) return 0;
  const [pattern, asked] = [on.split('/'), resource.split('/')];
  let shared = 0;
  while (shared < asked.length && beginsAlike(pattern, asked, shared + 1)) shared++;
  return shared === 0 ? FARTHEST : 3 * (1 - shared / asked.length);
}

function beginsAlike(pattern: readonly string[], asked: readonly string[], segments: number): boolean {
  return segments <= pattern.length && new Pattern(pattern.slice(0, segments).join('/')).matches(asked.slice(0, segments));
}
