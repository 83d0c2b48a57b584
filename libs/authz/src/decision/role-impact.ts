import type { Action } from '../language/actions.ts';
import type { Role } from '../language/role.ts';
import { askableRules } from './rule-fit.ts';
import { standingOf, type Deed, type Standing } from './standing.ts';

/** How what somebody may do changes. */
export interface Impact {
  readonly change: 'gained' | 'lost';
  /** The rule by which it is held afterwards, or was before. */
  readonly rule: string;
  /** It is had in part only: under conditions, afterwards or before. */
  readonly conditional?: true;
}

/** Whether roles give more or less of a deed after a change; undefined where as much. */
export function impactOn(deed: Deed, before: readonly Role[], after: readonly Role[]): Impact | undefined {
  const [had, has] = [standingOf(before, deed), standingOf(after, deed)];
  const [old, now] = [weightOf(had), weightOf(has)];
  const named = now > old ? has : had;
  if (old === now || named === undefined) return undefined;
  const isPart = old === 1 || now === 1;
  return { change: now > old ? 'gained' : 'lost', rule: named.rule, ...(isPart && { conditional: true }) };
}

/** Nothing, under conditions, or whatever the circumstances. */
function weightOf(standing: Standing | undefined): 0 | 1 | 2 {
  if (standing === undefined) return 0;
  return standing.conditional || standing.unless ? 1 : 2;
}

/** What the rules of roles speak of as they are written: each action on each pattern. */
export function deedsWritten(roles: readonly Role[]): readonly { readonly action: Action; readonly resource: string }[] {
  const found = new Map<string, { readonly action: Action; readonly resource: string }>();
  for (const { compiled, rule } of roles.flatMap(askableRules)) {
    for (const action of compiled.actions) found.set(`${action} ${rule.on}`, { action, resource: rule.on });
  }
  return [...found.values()];
}

/** Those actions that some rule of these roles has on a resource: where none is, nothing changes. */
export function actionsAbout(roles: readonly Role[], resource: string): readonly Action[] {
  const segments = resource.split('/');
  const about = roles.flatMap(askableRules).filter(({ compiled }) => compiled.pattern.matches(segments));
  return [...new Set(about.flatMap(({ compiled }) => compiled.actions))];
}
