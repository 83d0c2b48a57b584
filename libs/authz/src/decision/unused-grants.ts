import type { Use } from '../language/covering-role.ts';
import type { Role } from '../language/role.ts';
import { askableRules, isOn, type NamedRule } from './rule-fit.ts';

/** What an allow gives and nobody used. */
export interface UnusedGrant extends NamedRule {
  readonly actions: readonly string[];
}

/** The allows of a role that have not ended (`now`: epoch milliseconds), with those of their actions that are not among the uses. */
export function unusedGrants(role: Role, uses: readonly Use[], now: number): readonly UnusedGrant[] {
  return askableRules(role).flatMap(({ compiled, ...named }) => {
    if (!compiled.allows || now >= compiled.until) return [];
    const used = new Set(uses.filter(({ action, resource }) => isOn(compiled, action, resource)).map(({ action }) => action));
    const actions = compiled.actions.filter((action) => !used.has(action));
    return actions.length > 0 ? [{ ...named, actions }] : [];
  });
}
