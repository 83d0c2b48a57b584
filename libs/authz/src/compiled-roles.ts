import { Ability } from '@casl/ability';
import { ACTIONS, type Action, type Area } from './actions.ts';
import { Pattern } from './pattern.ts';
import type { ActionPattern, Role, Rule } from './role.ts';

/** Whether an access is allowed, and the rule that made it so: `<role>#<index>` or `builtin:<name>`; none when no rule spoke. */
export interface Decision {
  readonly allowed: boolean;
  readonly rule?: string;
}

/** What CASL is asked about: one resource at one moment. Its subject type is the first segment, by which the rules are indexed. */
type Target = {
  readonly head: string;
  readonly segments: readonly string[];
  readonly now: number;
};

interface CompiledRule {
  readonly name: string;
  readonly allows: boolean;
  readonly actions: readonly Action[];
  readonly pattern: Pattern;
  readonly until: number;
}

/** The subject type of rules whose first segment is no plain name. No resource's segment is written so. */
const ANY = '*';

/** A set of roles, compiled once and asked often: every deny comes after every allow, so that the order of rules means nothing. */
export class CompiledRoles {
  readonly #rules: readonly CompiledRule[];
  readonly #ability: Ability<[Action, string | Target], CompiledRule>;

  constructor(roles: readonly Role[]) {
    const rules = roles.flatMap((role) => role.rules.map((rule, index) => compileRule(rule, `${role.role}#${index}`)));
    // CASL lets the later rule win.
    this.#rules = [...rules.filter((rule) => rule.allows), ...rules.filter((rule) => !rule.allows)];
    this.#ability = new Ability<[Action, string | Target], CompiledRule>(this.#rules.map(toCasl), {
      conditionsMatcher: (rule) => (target) => holds(rule, target as Target),
      detectSubjectType: (target) => target.head,
      anySubjectType: ANY,
      anyAction: ANY,
    });
  }

  /** The decision on one resource at `now` (epoch milliseconds), or undefined when no rule speaks of it. */
  decide(action: Action, resource: string, now: number): Decision | undefined {
    const segments = resource.split('/');
    // Always with an instance: asked about a mere type, CASL takes every condition for fulfilled.
    const rule = this.#ability.relevantRuleFor(action, { head: segments[0] ?? '', segments, now });
    return rule ? { allowed: !rule.inverted, rule: rule.reason } : undefined;
  }

  /**
   * Whether anything below a prefix may be within reach ('' is the prefix of all): some allow matches there and no single deny
   * covers all of it. Each thing found there still wants a decision of its own.
   */
  decideBelow(action: Action, prefix: string, now: number): Decision {
    const segments = prefix === '' ? [] : prefix.split('/');
    const speaking = this.#rules.filter((rule) => rule.actions.includes(action) && now < rule.until);
    const deny = speaking.find((rule) => !rule.allows && rule.pattern.coversBelow(segments));
    const allow = speaking.find((rule) => rule.allows && rule.pattern.reachesBelow(segments));
    return { allowed: !deny && allow !== undefined, rule: (deny ?? allow)?.name };
  }
}

function holds(rule: CompiledRule, target: Target): boolean {
  return target.now < rule.until && rule.pattern.matches(target.segments);
}

function compileRule(rule: Rule, name: string): CompiledRule {
  return {
    name,
    allows: rule.allow !== undefined,
    actions: (rule.allow ?? rule.deny ?? []).flatMap(expand),
    pattern: new Pattern(rule.on),
    until: rule.until === undefined ? Infinity : Date.parse(rule.until),
  };
}

function toCasl(rule: CompiledRule) {
  const { name, allows, actions, pattern } = rule;
  return { action: [...actions], subject: pattern.head ?? ANY, inverted: !allows, reason: name, conditions: rule };
}

function expand(pattern: ActionPattern): readonly Action[] {
  if (!pattern.endsWith(':*')) return [pattern as Action];
  const area = pattern.slice(0, -2) as Area;
  return ACTIONS[area].map((verb) => `${area}:${verb}` as Action);
}
