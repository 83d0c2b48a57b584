import type { Access } from './access.ts';
import { areaOf } from '../language/actions.ts';
import { bindingOf } from './ask-about.ts';
import { Pattern } from '../language/pattern.ts';
import type { Role, Rule } from '../language/role.ts';
import { askableRules, fitOf, speaksOf, type AskableRule, type NamedRule } from './rule-fit.ts';
import type { Decision } from './weigh.ts';

/**
 * What an allow lacks to be the one that lets the caller in: it is not bound to it, of other actions, on something else, over, its
 * conditions do not hold or hang on labels that are not known, or nobody has approved.
 */
export type Lack = 'binding' | 'action' | 'resource' | 'time' | 'condition' | 'labels' | 'approval';

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
  /** It hangs on labels that are not known here, and is no until they are. */
  readonly depends?: true;
  /** The rule that decided, as the entry names it; none where no rule spoke. */
  readonly rule?: string;
  /** The same as it is written, unless it is a built-in one. */
  readonly decided?: NamedRule;
  /** Every deny that speaks, or may: while one of them does, no allow helps. */
  readonly denies: readonly NamedRule[];
  readonly nearest?: NearestRule;
  /** What is missing where no rule allows it to a caller whom a role can be bound to. */
  readonly missing?: SmallestGrant;
}

/** Explains a decision. `held` are the roles of the caller, `all` those that there are: the nearest rule may be of any. */
export function explainDecision(access: Access, decision: Decision, held: readonly Role[], all: readonly Role[]): Explanation {
  const { allowed, rule, depends } = decision;
  const own = held.flatMap(askableRules);
  const denies = own.filter(({ compiled }) => !compiled.allows && speaksOf(compiled, access)).map(named);
  const decided = own.find(({ name }) => name === rule);
  const known = { allowed, ...(depends && { depends }), rule, decided: decided && named(decided), denies };
  if (allowed) return known;
  const nearest = nearestOf(access, held, all);
  const bind = bindingOf(access.caller);
  const isMissing = bind !== undefined && nearest?.lacks.length !== 0 && depends === undefined;
  const missing = isMissing ? { rule: { allow: [access.action], on: access.resource }, bind } : undefined;
  return { ...known, nearest, missing };
}

/** How far each lack is from an allow: what is over, or somebody else's, was meant to be given; another resource hardly ever. */
const DISTANCE: Readonly<Record<Lack, number>> = { labels: 0.5, approval: 0.8, condition: 1, time: 1, binding: 2, action: 2, resource: 3 };
/** Beyond it a rule has nothing to do with what was asked for. */
const FARTHEST = 6;

function nearestOf(access: Access, held: readonly Role[], all: readonly Role[]): NearestRule | undefined {
  const own = new Set(held.map(({ role }) => role));
  let nearest: NearestRule | undefined;
  let least = FARTHEST;
  for (const rule of all.toSorted((a, b) => (a.role < b.role ? -1 : 1)).flatMap(askableRules)) {
    if (!isOfArea(rule, access)) continue;
    const lacks = lacksOf(rule, access, own);
    const distance = lacks.reduce((sum, lack) => sum + DISTANCE[lack], 0) + strangeness(rule, access, lacks);
    if (distance >= least) continue;
    nearest = { ...named(rule), lacks };
    least = distance;
  }
  return nearest;
}

function isOfArea({ compiled }: AskableRule, { action }: Access): boolean {
  return compiled.allows && compiled.actions.some((other) => areaOf(other) === areaOf(action));
}

function lacksOf({ role, compiled }: AskableRule, access: Access, own: ReadonlySet<string>): readonly Lack[] {
  const { condition, ...fit } = fitOf(compiled, access);
  const lacks: Lack[] = own.has(role) ? [] : ['binding'];
  for (const part of ['action', 'resource', 'time', 'approval'] as const) if (!fit[part]) lacks.push(part);
  if (condition !== true) lacks.push(condition === undefined ? 'labels' : 'condition');
  return lacks;
}

/** Of a rule on something else, 0 to 3: the fewer of its leading segments fit, the stranger. One that shares none is out of reach. */
function strangeness({ rule: { on } }: AskableRule, { resource }: Access, lacks: readonly Lack[]): number {
  if (!lacks.includes('resource')) return 0;
  const [pattern, asked] = [on.split('/'), resource.split('/')];
  let shared = 0;
  while (shared < asked.length && beginsAlike(pattern, asked, shared + 1)) shared++;
  return shared === 0 ? FARTHEST : 3 * (1 - shared / asked.length);
}

function beginsAlike(pattern: readonly string[], asked: readonly string[], segments: number): boolean {
  return segments <= pattern.length && new Pattern(pattern.slice(0, segments).join('/')).matches(asked.slice(0, segments));
}

function named({ name, role, rule }: AskableRule): NamedRule {
  return { name, role, rule };
}
