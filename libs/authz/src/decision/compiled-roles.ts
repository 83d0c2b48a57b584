import { Ability } from '@casl/ability';
import type { Access } from './access.ts';
import type { Action } from '../language/actions.ts';
import { type CompiledRule, holds, isAbout, rulesOf } from './compiled-rule.ts';
import type { Role } from '../language/role.ts';
import { type Decision, weigh } from './weigh.ts';

/** What CASL is asked about. Its subject type is the resource's first segment, by which the rules are indexed. */
type Target = {
  readonly head: string;
  readonly segments: readonly string[];
  readonly access: Access;
};

/** The subject type of rules whose first segment is no plain name. No resource's segment is written so. */
const ANY = '*';

/** A set of roles, compiled once and asked often: every deny comes after every allow, so that the order of rules means nothing. */
export class CompiledRoles {
  readonly #rules: readonly CompiledRule[];
  readonly #ability: Ability<[Action, string | Target], CompiledRule>;
  /** Every rule says yes or no by itself: the first that speaks decides. */
  readonly #isPlain: boolean;

  constructor(roles: readonly Role[]) {
    const rules = roles.flatMap(rulesOf);
    // CASL lets the later rule win.
    this.#rules = [...rules.filter((rule) => rule.allows), ...rules.filter((rule) => !rule.allows)];
    this.#isPlain = rules.every(({ asksForLabels, needsApproval, fields }) => !asksForLabels && !needsApproval && fields === undefined);
    this.#ability = new Ability<[Action, string | Target], CompiledRule>(this.#rules.map(toCasl), {
      conditionsMatcher: (rule) => (target) => speaks(rule, target as Target),
      detectSubjectType: (target) => target.head,
      anySubjectType: ANY,
      anyAction: ANY,
    });
  }

  /** The decision on one access, or undefined when no rule speaks of it. */
  decide(access: Access): Decision | undefined {
    const segments = access.resource.split('/');
    const target = { head: segments[0] ?? '', segments, access };
    if (!this.#isPlain) return weigh(this.#about(target), access);
    // Always with an instance: asked about a mere type, CASL takes every condition for fulfilled.
    const rule = this.#ability.relevantRuleFor(access.action, target);
    return rule ? { allowed: !rule.inverted, rule: rule.reason } : undefined;
  }

  /**
   * Whether anything below a prefix (`access.resource`; '' is the prefix of all) may be within reach: some allow matches there and no single
   * deny covers all of it for sure. Each thing found there still wants a decision of its own.
   */
  decideBelow(access: Access): Decision {
    const segments = access.resource === '' ? [] : access.resource.split('/');
    const speaking = this.#rules.filter((rule) => rule.actions.includes(access.action) && access.now < rule.until);
    const deny = speaking.find((rule) => isSureDeny(rule, access) && rule.pattern.coversBelow(segments));
    const allow = speaking.find((rule) => mayAllow(rule, access) && rule.pattern.reachesBelow(segments));
    return { allowed: !deny && allow !== undefined, rule: (deny ?? allow)?.name };
  }

  /**
   * Whether an approval would make it allowed, as far as can be told without labels: those are never looked at here, so that the answer is
   * the same whether the secret exists or not.
   */
  mayIfApproved(asked: Access): boolean {
    if (this.#isPlain) return false;
    const access = { ...asked, labels: undefined };
    const segments = access.resource.split('/');
    const rules = this.#about({ head: segments[0] ?? '', segments, access });
    return !rules.some((rule) => isSureDeny(rule, access)) && rules.some((rule) => isPending(rule, access));
  }

  #about({ head, segments, access }: Target): CompiledRule[] {
    const rules = this.#ability.rulesFor(access.action, head).map((rule) => rule.conditions as CompiledRule);
    return rules.filter((rule) => isAbout(rule, segments, access.now));
  }
}

function speaks(rule: CompiledRule, { segments, access }: Target): boolean {
  return isAbout(rule, segments, access.now) && holds(rule, access) === true;
}

function isSureDeny(rule: CompiledRule, access: Access): boolean {
  return !rule.allows && rule.fields === undefined && holds(rule, access) === true;
}

function isPending(rule: CompiledRule, access: Access): boolean {
  return rule.allows && rule.needsApproval && holds(rule, access) !== false;
}

function mayAllow(rule: CompiledRule, access: Access): boolean {
  return rule.allows && !rule.needsApproval && holds(rule, access) !== false;
}

function toCasl(rule: CompiledRule) {
  const { name, allows, actions, pattern } = rule;
  return { action: [...actions], subject: pattern.head ?? ANY, inverted: !allows, reason: name, conditions: rule };
}
