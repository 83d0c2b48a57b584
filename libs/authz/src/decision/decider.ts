import type { Principal } from '#identity';
import type { Access } from './access.ts';
import { decideBuiltin } from './builtin-rules.ts';
import { CompiledRoles } from './compiled-roles.ts';
import type { Policy } from './policy.ts';
import type { Role } from '../language/role.ts';
import type { Decision } from './weigh.ts';

/** Sets of roles that are kept compiled. Beyond it all are forgotten and compiled again: cheap, and memory stays bounded. */
const MOST_SETS = 10_000;
/** Of a one-time token, whatever its holder is called. */
const NO_ROLES = new CompiledRoles([]);

interface CompiledSet {
  readonly roles: ReadonlySet<Role>;
  readonly compiled: CompiledRoles;
}

/**
 * Decides from roles that are compiled once per set of them. After a change of the authority each caller's set is looked up again, and only
 * the sets that have changed are compiled.
 */
export class Decider {
  readonly #policy: Policy;
  readonly #sets = new Map<string, CompiledSet>();
  #byCaller = new WeakMap<Principal, CompiledRoles>();
  #revision = -1;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** While it stands still, so do all decisions but those that a rule's `until` or conditions end. */
  get revision(): number {
    return this.#policy.revision;
  }

  decide(access: Access): Decision {
    const { caller, action, resource } = access;
    return this.#rolesOf(caller).decide(access) ?? decideBuiltin(caller, action, resource);
  }

  /** Whether an approval would make it allowed; the same whether the thing exists or not. */
  mayIfApproved(access: Access): boolean {
    return this.#rolesOf(access.caller).mayIfApproved(access);
  }

  /** Whether the caller may reach anything at all below a prefix, which is the access's resource. */
  decideBelow(access: Access): Decision {
    return this.#rolesOf(access.caller).decideBelow(access);
  }

  #rolesOf(caller: Principal): CompiledRoles {
    if (caller.method === 'token') return NO_ROLES;
    if (this.#policy.revision !== this.#revision) this.#lookAgain();
    let compiled = this.#byCaller.get(caller);
    if (!compiled) {
      compiled = this.#compiled(this.#policy.rolesOf(caller));
      this.#byCaller.set(caller, compiled);
    }
    return compiled;
  }

  #compiled(roles: readonly Role[]): CompiledRoles {
    const key = roles
      .map(({ role }) => role)
      .toSorted()
      .join(' ');
    const known = this.#sets.get(key);
    if (known && roles.every((role) => known.roles.has(role))) return known.compiled;
    if (this.#sets.size >= MOST_SETS) this.#sets.clear();
    const compiled = new CompiledRoles(roles);
    this.#sets.set(key, { roles: new Set(roles), compiled });
    return compiled;
  }

  #lookAgain(): void {
    this.#byCaller = new WeakMap();
    this.#revision = this.#policy.revision;
  }
}
