import { areaOf, type Action } from './actions.ts';
import { Pattern } from './pattern.ts';
import type { Role, Rule } from './role.ts';

/** A rule under the name that decisions and entries give it, `<role>#<index>`. */
export interface NamedRule {
  readonly name: string;
  readonly role: string;
  readonly rule: Rule;
}

/** One access, whoever asks for it, at one moment (epoch milliseconds). */
export interface Access {
  readonly action: Action;
  readonly resource: string;
  readonly now: number;
}

/** What of a rule speaks of an access; all of it must. */
export interface Fit {
  readonly action: boolean;
  readonly resource: boolean;
  /** It has not ended. */
  readonly time: boolean;
}

export function namedRules({ role, rules }: Role): NamedRule[] {
  return rules.map((rule, index) => ({ name: `${role}#${index}`, role, rule }));
}

/** How far a rule speaks of an access, as it is written. */
export function fitOf(rule: Rule, { action, resource, now }: Access): Fit {
  return {
    action: (rule.allow ?? rule.deny ?? []).some((named) => named === action || named === `${areaOf(action)}:*`),
    resource: isOn(rule, action, resource),
    time: rule.until === undefined || now < Date.parse(rule.until),
  };
}

export function speaksOf(rule: Rule, access: Access): boolean {
  const { action, resource, time } = fitOf(rule, access);
  return action && resource && time;
}

/** The prefix of a scan such as a list ('' for everything), which is decided on what lies below it; undefined for one resource. */
export function prefixOf(action: Action, resource: string): string | undefined {
  if (!/:(?:list|describe)$/.test(action)) return undefined;
  if (resource === '**') return '';
  return resource.endsWith('/**') ? resource.slice(0, -3) : undefined;
}

function isOn({ allow, on }: Rule, action: Action, resource: string): boolean {
  const pattern = new Pattern(on);
  const prefix = prefixOf(action, resource);
  if (prefix === undefined) return pattern.matches(resource.split('/'));
  const segments = prefix === '' ? [] : prefix.split('/');
  return allow === undefined ? pattern.coversBelow(segments) : pattern.reachesBelow(segments);
}
