import type { Access } from './access.ts';
import type { Action } from '../language/actions.ts';
import { holds, rulesOf, type CompiledRule } from './compiled-rule.ts';
import type { Role, Rule } from '../language/role.ts';

/** A rule under the name that decisions and entries give it, `<role>#<index>`. */
export interface NamedRule {
  readonly name: string;
  readonly role: string;
  readonly rule: Rule;
}

/** A rule as it is written and as it is asked. */
export interface AskableRule extends NamedRule {
  readonly compiled: CompiledRule;
}

/** What of a rule speaks of an access; all of it must. */
export interface Fit {
  readonly action: boolean;
  readonly resource: boolean;
  /** It has not ended. */
  readonly time: boolean;
  /** Its conditions hold; undefined where that hangs on labels that are not known. */
  readonly condition: boolean | undefined;
  /** It asks for no approval, or there is one. A deny holds either way. */
  readonly approval: boolean;
}

export function askableRules(role: Role): AskableRule[] {
  return rulesOf(role).flatMap((compiled, index) => {
    const rule = role.rules[index];
    return rule ? [{ name: compiled.name, role: role.role, rule, compiled }] : [];
  });
}

/** How far a rule speaks of an access. */
export function fitOf(compiled: CompiledRule, access: Access): Fit {
  const { caller, action, resource, now, approvals } = access;
  return {
    action: compiled.actions.includes(action),
    resource: isOn(compiled, action, resource),
    time: now < compiled.until,
    condition: holds(compiled, access),
    approval: !compiled.allows || !compiled.needsApproval || approvals?.isApproved(caller, action, resource, now) === true,
  };
}

/** Whether all of a rule speaks of an access; it may yet hang on labels. */
export function speaksOf(compiled: CompiledRule, access: Access): boolean {
  const { action, resource, time, condition, approval } = fitOf(compiled, access);
  return action && resource && time && approval && condition !== false;
}

/** The prefix of a scan such as a list ('' for everything), which is decided on what lies below it; undefined for one resource. */
export function prefixOf(action: Action, resource: string): string | undefined {
  if (!/:(?:list|describe)$/.test(action)) return undefined;
  if (resource === '**') return '';
  return resource.endsWith('/**') ? resource.slice(0, -3) : undefined;
}

/** Whether a rule's pattern is about a resource, or about what lies below the prefix of a scan. */
export function isOn({ allows, pattern }: CompiledRule, action: Action, resource: string): boolean {
  const prefix = prefixOf(action, resource);
  if (prefix === undefined) return pattern.matches(resource.split('/'));
  const segments = prefix === '' ? [] : prefix.split('/');
  return allows ? pattern.reachesBelow(segments) : pattern.coversBelow(segments);
}
