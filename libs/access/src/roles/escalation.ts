import { AuthzError, compilePattern, type May, type Role } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';

/** A character of no SPIFFE ID: what matches a segment of it, matches any. */
const ANYTHING = '\0';

/**
 * Refuses to make anybody a workload who could then do more than the caller. `patterns` are those of every SPIFFE ID that it may be
 * (`*` one segment, `**` one or more). What one of these would gain, a role that is not the caller's own, or shed, a role that denies the
 * caller something, is within `policy:escalate`.
 *
 * @throws AuthzError `denied`
 */
export function refuseEscalation(authority: Authority, caller: Principal, patterns: readonly string[], may: May): void {
  const own = authority.rolesOf(caller);
  const gained = patterns.flatMap((pattern) => rolesWhere(authority, pattern, meet)).filter((role) => !own.includes(role));
  const operators = patterns.flatMap((pattern) => rolesOfOperators(authority, pattern)).filter((role) => !own.includes(role));
  const kept = patterns.map((pattern) => rolesWhere(authority, pattern, covers));
  const shed = own.filter((role) => denies(role) && !kept.every((roles) => roles.includes(role)));
  if (![...gained, ...operators, ...shed].every(({ role }) => may('policy:escalate', role))) throw new AuthzError('denied');
}

/** The roles of the one ID that is written, or those that a pattern's IDs have by a binding that `fits` it; and whose rules they extend. */
function rolesWhere(authority: Authority, pattern: string, fits: typeof meet): readonly Role[] {
  if (!pattern.includes('*')) return authority.rolesOf({ kind: 'workload', id: pattern });
  const wanted = authority.all('role').flatMap(({ body }) => (body.bind.some((bind) => fits(bind, pattern)) ? [body] : []));
  const found = new Set<Role>();
  for (let role = wanted.pop(); role !== undefined; role = wanted.pop()) {
    if (found.has(role)) continue;
    found.add(role);
    wanted.push(...(role.extends ?? []).flatMap((parent) => authority.find('role', parent)?.body ?? []));
  }
  return [...found];
}

/** The roles of operators who come with a certificate of such an ID. */
function rolesOfOperators(authority: Authority, pattern: string): readonly Role[] {
  const matches = pattern.includes('*') ? compilePattern(pattern) : (id: string): boolean => id === pattern;
  const operators = authority.all('operator').filter(({ body: { certificate } }) => certificate !== undefined && matches(certificate));
  return operators.flatMap(({ body }) => authority.rolesAs(body));
}

function denies({ rules }: Role): boolean {
  return rules.some(({ deny }) => deny !== undefined);
}

/** Whether a binding is sure to hold for every ID that fits the pattern. It says no where in doubt. */
function covers(bind: string, pattern: string): boolean {
  if (pattern.split('/').includes('**')) return bind === pattern;
  return compilePattern(bind)(pattern.replaceAll('*', ANYTHING));
}

/** Whether some ID may fit both. It says yes where in doubt. */
export function meet(bind: string, pattern: string): boolean {
  const [some, others] = [bind.split('/'), pattern.split('/')];
  // Row by row from the ends: what is left of one from `at` on, and of the other from `to` on.
  let below: readonly boolean[] = [...others.map(() => false), true];
  for (const first of some.toReversed()) {
    const row = [false];
    for (const [back, other] of others.toReversed().entries()) {
      const to = others.length - 1 - back;
      const together = below[to + 1] === true && segmentsMeet(first, other);
      row.unshift(together || (first === '**' && row[0] === true) || (other === '**' && below[to] === true));
    }
    below = row;
  }
  return below[0] === true;
}

function segmentsMeet(some: string, other: string): boolean {
  return some === other || some.includes('*') || other.includes('*');
}
