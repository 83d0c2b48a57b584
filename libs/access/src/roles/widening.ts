import type { Role, Rule } from '#authz';

/** A role as it grants nothing to nobody: what a new one is compared with, and what a deleted one becomes. */
const NOTHING: Pick<Role, 'rules' | 'bind'> = { rules: [], bind: [] };

/**
 * `rules` are all of a role's, those of the roles that it extends among them.
 *
 * Whether changing a role from `before` to `after` may give anybody more than before: a new allow, an allow for somebody new, or a
 * deny that is no longer there for somebody. It compares rules as they are written, and calls a change widening where in doubt.
 */
export function widens(before: Pick<Role, 'rules' | 'bind'> = NOTHING, after: Pick<Role, 'rules' | 'bind'> = NOTHING): boolean {
  const [allowsBefore, allowsAfter] = [rulesOf(before, 'allow'), rulesOf(after, 'allow')];
  const [deniesBefore, deniesAfter] = [rulesOf(before, 'deny'), rulesOf(after, 'deny')];
  const grants = addsTo(allowsBefore, allowsAfter) || (allowsAfter.length > 0 && addsTo(before.bind, after.bind));
  const frees = addsTo(deniesAfter, deniesBefore) || (deniesBefore.length > 0 && addsTo(after.bind, before.bind));
  return grants || frees;
}

function rulesOf({ rules }: Pick<Role, 'rules'>, effect: 'allow' | 'deny'): string[] {
  return rules.filter((rule) => rule[effect] !== undefined).map(written);
}

function written({ allow, deny, on, fields, when, until }: Rule): string {
  return JSON.stringify([allow, deny, on, fields, when, until]);
}

function addsTo(some: readonly string[], others: readonly string[]): boolean {
  return others.some((other) => !some.includes(other));
}
