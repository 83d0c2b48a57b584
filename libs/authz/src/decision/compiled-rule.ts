import type { Access } from './access.ts';
import { ACTIONS, type Action, type Area } from '../language/actions.ts';
import { asksForLabels, compileWhen, type CompiledWhen } from './compiled-when.ts';
import { Pattern } from '../language/pattern.ts';
import type { ActionPattern, Role, Rule } from '../language/role.ts';

/** A rule as it is asked. */
export interface CompiledRule {
  /** `<role>#<index>` */
  readonly name: string;
  readonly allows: boolean;
  readonly actions: readonly Action[];
  readonly pattern: Pattern;
  /** Epoch milliseconds. */
  readonly until: number;
  readonly when?: CompiledWhen;
  readonly asksForLabels: boolean;
  readonly needsApproval: boolean;
  readonly fields?: readonly string[];
}

const compiled = new WeakMap<Role, readonly CompiledRule[]>();

/** The rules of a role, compiled once for as long as it stands: another role's change costs nothing here. */
export function rulesOf(role: Role): readonly CompiledRule[] {
  const known = compiled.get(role);
  if (known) return known;
  const rules = role.rules.map((rule, index) => compileRule(rule, `${role.role}#${index}`));
  compiled.set(role, rules);
  return rules;
}

/** Whether the rule is about this resource now, by all but its conditions. */
export function isAbout({ until, pattern }: CompiledRule, segments: readonly string[], now: number): boolean {
  return now < until && pattern.matches(segments);
}

/** Whether its conditions hold; undefined where that hangs on labels that are not known. */
export function holds(rule: CompiledRule, access: Access): boolean | undefined {
  const met = rule.when === undefined || rule.when(access);
  if (met !== undefined) return met;
  return rule.asksForLabels && access.labels === undefined ? undefined : !rule.allows;
}

function compileRule({ allow, deny, on, until, when, fields }: Rule, name: string): CompiledRule {
  return {
    name,
    allows: allow !== undefined,
    actions: (allow ?? deny ?? []).flatMap(expand),
    pattern: new Pattern(on),
    until: until === undefined ? Infinity : Date.parse(until),
    when: when && compileWhen(when),
    asksForLabels: when !== undefined && asksForLabels(when),
    needsApproval: when?.approved === true,
    fields,
  };
}

function expand(pattern: ActionPattern): readonly Action[] {
  if (!pattern.endsWith(':*')) return [pattern as Action];
  const area = pattern.slice(0, -2) as Area;
  return ACTIONS[area].map((verb) => `${area}:${verb}` as Action);
}
