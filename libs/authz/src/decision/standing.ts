import type { Access } from './access.ts';
import type { Action } from '../language/actions.ts';
import type { CompiledRule } from './compiled-rule.ts';
import type { Role } from '../language/role.ts';
import { askableRules, isOn, type AskableRule } from './rule-fit.ts';

/** What roles give to whoever holds them, whatever the circumstances may be. */
export interface Standing {
  /** The allow; one without conditions before one with them. */
  readonly rule: string;
  /** It has conditions: labels, network, time, how one came, or an approval. */
  readonly conditional?: true;
  /** Denies that have conditions: it holds while they do not. */
  readonly unless?: readonly string[];
}

/** An action on a resource at a moment, whoever does it. */
export type Deed = Pick<Access, 'action' | 'resource' | 'now'>;

/** Whether a rule's pattern is about a resource that is itself written as a pattern, and stands for many. */
export type Fits = (on: string, resource: string) => boolean;

/**
 * What these roles, held together, give: an allow, unless a deny without conditions is about all of it. Undefined where they give nothing.
 * `fits` says, where the resource is a pattern, what may be about some of it.
 */
export function standingOf(roles: readonly Role[], deed: Deed, fits?: Fits): Standing | undefined {
  const about = rulesFor(roles, deed.action).filter((rule) => isAbout(rule, deed, fits));
  const denies = about.filter(({ compiled }) => !compiled.allows);
  if (denies.some(({ compiled }) => !isConditional(compiled))) return undefined;
  const allows = about.filter(({ compiled }) => compiled.allows);
  const best = allows.find(({ compiled }) => !isConditional(compiled)) ?? allows[0];
  if (best === undefined) return undefined;
  const unless = denies.map(({ name }) => name);
  return { rule: best.name, ...(isConditional(best.compiled) && { conditional: true }), ...(unless.length > 0 && { unless }) };
}

/** The denies of roles that are about it, whatever their conditions. */
export function deniesAbout(roles: readonly Role[], deed: Deed): readonly string[] {
  const denies = rulesFor(roles, deed.action).filter((rule) => !rule.compiled.allows && isAbout(rule, deed));
  return denies.map(({ name }) => name);
}

/** Of the same roles many things are asked one after the other. */
const known = new WeakMap<readonly Role[], Map<Action, readonly AskableRule[]>>();

function rulesFor(roles: readonly Role[], action: Action): readonly AskableRule[] {
  const byAction = known.get(roles) ?? new Map<Action, readonly AskableRule[]>();
  known.set(roles, byAction);
  const rules = byAction.get(action) ?? roles.flatMap(askableRules).filter(({ compiled }) => compiled.actions.includes(action));
  byAction.set(action, rules);
  return rules;
}

function isAbout({ compiled, rule }: AskableRule, { action, resource, now }: Deed, fits?: Fits): boolean {
  if (now >= compiled.until) return false;
  if (compiled.allows && fits !== undefined) return fits(rule.on, resource);
  return isOn(compiled, action, resource);
}

function isConditional({ when, needsApproval, fields }: CompiledRule): boolean {
  return when !== undefined || needsApproval || fields !== undefined;
}
