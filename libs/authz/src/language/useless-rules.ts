import { compilePattern } from './pattern.ts';
import { fail } from './role-input.ts';
import type { ActionPattern, Rule } from './role.ts';

/**
 * Refuses, within one role, a rule that is written twice and an allow of which a deny without conditions leaves nothing. Neither does
 * harm, but who wrote it meant something else.
 *
 * @throws AuthzError `invalid_role`
 */
export function checkUseful(rules: readonly Rule[]): void {
  const seen = new Map<string, number>();
  rules.forEach((rule, index) => {
    const first = seen.get(written(rule));
    if (first !== undefined) fail(`rules[${index}]`, `it says what rules[${first}] says`);
    seen.set(written(rule), index);
  });
  const denies = rules.flatMap((rule, index) => (isUnconditional(rule) ? [{ ...toDeny(rule), index }] : []));
  rules.forEach((rule, index) => {
    const deny = denies.find((deny) => rule.allow?.every((action) => covers(deny.actions, action)) && deny.matches(rule.on));
    if (deny) fail(`rules[${index}]`, `rules[${deny.index}] denies all that it allows`);
  });
}

function isUnconditional({ deny, fields, when, until }: Rule): boolean {
  return deny !== undefined && fields === undefined && when === undefined && until === undefined;
}

/** A pattern that matches another one's text matches all that the other one does: its `*` and `**` only face what they cover. */
function toDeny({ deny = [], on }: Rule) {
  return { actions: deny, matches: compilePattern(on) };
}

function covers(actions: readonly ActionPattern[], action: ActionPattern): boolean {
  return actions.includes(action) || actions.includes(`${action.slice(0, action.indexOf(':'))}:*` as ActionPattern);
}

function written({ allow, deny, on, fields, when, until }: Rule): string {
  const sorted = when && Object.entries(when).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([allow?.toSorted(), deny?.toSorted(), on, fields?.toSorted(), sorted, until]);
}
