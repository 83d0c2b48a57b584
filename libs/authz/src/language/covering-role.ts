import { areaOf, type Action } from './actions.ts';
import { isPatternOf } from './resource-grammar.ts';
import type { Role, Rule } from './role.ts';

/** One thing that somebody did and was allowed. */
export interface Use {
  readonly action: Action;
  readonly resource: string;
}

/** A role that allows what was done. */
export interface CoveringRole {
  readonly role: Role;
  /** It had to allow more than that: there are too many resources for a rule each. */
  readonly widened?: true;
}

const MOST_RULES = 1_000;

/** How far resources are taken together until the rules fit into a role: not at all, by what they lie in, by their first two segments or one. */
const WIDENINGS: readonly ((resource: string) => string)[] = [(resource) => resource, toSiblings, toSubtree, toNamespace];

/** The smallest role, bound to one caller, that allows all of these: a rule for each resource, with the actions that were used on it. */
export function coveringRole(bind: string, uses: readonly Use[]): CoveringRole {
  const writable = uses.filter(({ action, resource }) => isPatternOf(areaOf(action), resource));
  let rules: readonly Rule[] = [];
  for (const [step, widen] of WIDENINGS.entries()) {
    rules = rulesFor(writable, widen);
    if (rules.length <= MOST_RULES) return { role: { role: 'suggested', rules, bind: [bind] }, ...(step > 0 && { widened: true }) };
  }
  return { role: { role: 'suggested', rules: rules.slice(0, MOST_RULES), bind: [bind] }, widened: true };
}

function rulesFor(uses: readonly Use[], widen: (resource: string) => string): readonly Rule[] {
  const byResource = new Map<string, Set<Action>>();
  for (const { action, resource } of uses) {
    const key = `${areaOf(action)} ${widen(resource)}`;
    byResource.set(key, (byResource.get(key) ?? new Set()).add(action));
  }
  return [...byResource]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, actions]) => ({ allow: [...actions].toSorted(), on: key.slice(key.indexOf(' ') + 1) }));
}

function toSiblings(resource: string): string {
  const end = resource.lastIndexOf('/');
  return end > 0 && !resource.includes('://') ? `${resource.slice(0, end)}/*` : resource;
}

function toSubtree(resource: string): string {
  return below(resource, 2);
}

/** Of workloads, all of their trust domain. */
function toNamespace(resource: string): string {
  return below(resource, resource.includes('://') ? 3 : 1);
}

function below(resource: string, segments: number): string {
  const parts = resource.split('/');
  return parts.length > segments && !(resource.includes('://') && segments < 3) ? `${parts.slice(0, segments).join('/')}/**` : resource;
}
