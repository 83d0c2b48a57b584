import type { Principal } from '#identity';
import type { Access } from './access.ts';
import { Bindings } from './bindings.ts';
import { decideBuiltin } from './builtin-rules.ts';
import { CompiledRoles } from './compiled-roles.ts';
import { explainDecision, type Explanation } from './explain-decision.ts';
import type { Role } from '../language/role.ts';
import { prefixOf } from './rule-fit.ts';
import type { Decision } from './weigh.ts';

/** The groups of an operator; undefined for one who is disabled, and has no roles at all. */
type GroupsOf = (operator: string) => readonly string[] | undefined;

/**
 * All the roles that there are or would be, to ask what they decide: by the engine that the gate asks, without its gate. It keeps what it has
 * compiled for as long as it lives, which is for one question.
 */
export class RuleBook {
  readonly roles: readonly Role[];
  readonly #bindings: Bindings;
  readonly #groupsOf: GroupsOf;
  readonly #compiled = new Map<string, CompiledRoles>();

  constructor(roles: readonly Role[], groupsOf: GroupsOf) {
    this.roles = roles;
    this.#bindings = new Bindings(roles);
    this.#groupsOf = groupsOf;
  }

  rolesOf(caller: Principal): readonly Role[] {
    if (caller.method === 'token') return [];
    const groups = caller.kind === 'operator' ? this.#groupsOf(caller.id) : [];
    return groups === undefined ? [] : this.#bindings.rolesOf(caller, groups);
  }

  /** What everybody in a group holds by it. */
  rolesOfGroup(group: string): readonly Role[] {
    return this.#bindings.rolesOf({ kind: 'operator', id: '' }, [group]);
  }

  decide(access: Access): Decision {
    const { caller, action, resource } = access;
    const prefix = prefixOf(action, resource);
    if (prefix !== undefined) return this.#compiledFor(caller).decideBelow({ ...access, resource: prefix });
    return this.#compiledFor(caller).decide(access) ?? decideBuiltin(caller, action, resource);
  }

  explain(access: Access): Explanation {
    return explainDecision(access, this.decide(access), this.rolesOf(access.caller), this.roles);
  }

  #compiledFor(caller: Principal): CompiledRoles {
    const key = `${caller.kind} ${caller.method} ${caller.id}`;
    const compiled = this.#compiled.get(key) ?? new CompiledRoles(this.rolesOf(caller));
    this.#compiled.set(key, compiled);
    return compiled;
  }
}
