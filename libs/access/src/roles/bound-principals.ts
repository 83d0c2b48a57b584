import type { Role, RuleBook } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';

/** Somebody, or a pattern of workloads, whom roles are bound to. */
export interface BoundPrincipal {
  /** `operator:NAME`, or a SPIFFE id or a pattern of them as it is bound. */
  readonly name: string;
  /** What it holds; of a pattern, what every workload of it holds. */
  readonly roles: readonly Role[];
  /** The groups of an operator. */
  readonly groups: readonly string[];
  /** The SPIFFE id that an operator may come as: whoever is enrolled as it is the operator. */
  readonly certificate?: string;
  /** Whether a role is bound to an operator that there is not. */
  readonly absent?: true;
}

/** Everybody whom a role is bound to: each operator that there is, and whatever the bindings name, by name. */
export function boundPrincipals(authority: Authority, book: RuleBook): readonly BoundPrincipal[] {
  const operators = authority.all('operator').map(({ body }) => `operator:${body.name}`);
  const bound = book.roles.flatMap(({ bind }) => bind).filter((name) => !name.startsWith('group:'));
  const names = [...new Set([...operators, ...bound])].toSorted();
  const there = new Set(operators);
  return names.map((name) => ({ ...standingFor(authority, book, name), ...(isMissing(name, there) && { absent: true as const }) }));
}

function isMissing(name: string, operators: ReadonlySet<string>): boolean {
  return name.startsWith('operator:') && !operators.has(name);
}

function standingFor(authority: Authority, book: RuleBook, name: string): BoundPrincipal {
  const id = name.replace(/^operator:/, '');
  const kind = id === name ? 'workload' : 'operator';
  // A pattern is matched by the bindings that cover all of it.
  const caller: Principal = { kind, id, method: kind === 'workload' ? 'certificate' : 'session', credential: '' };
  const roles = book.rolesOf(caller);
  if (kind === 'workload') return { name, roles, groups: [] };
  const certificate = authority.find('operator', id)?.body.certificate;
  const spiffeId = certificate?.startsWith('spiffe://') === true ? { certificate } : {};
  return { name, roles, groups: authority.groupsOf(id), ...spiffeId };
}
