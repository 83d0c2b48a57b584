import type { Principal } from '#identity';
import type { Action } from './actions.ts';
import { decideBuiltin } from './builtin-rules.ts';
import { CompiledRoles, type Decision } from './compiled-roles.ts';
import type { Policy } from './policy.ts';

/** Callers whose compiled roles are kept. Beyond it all are forgotten and compiled again: cheap, and memory stays bounded. */
const MOST_CALLERS = 50_000;
/** Of a one-time token, whatever its holder is called. */
const NO_ROLES = new CompiledRoles([]);

/** Decides from roles that are compiled once per role set, for as long as the authority's revision stands. */
export class Decider {
  readonly #policy: Policy;
  readonly #byCaller = new Map<string, CompiledRoles>();
  readonly #byRoles = new Map<string, CompiledRoles>();
  #revision = -1;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** While it stands still, so do all decisions but those that a rule's `until` ends. */
  get revision(): number {
    return this.#policy.revision;
  }

  decide(caller: Principal, action: Action, resource: string, now: number): Decision {
    return this.#rolesOf(caller).decide(action, resource, now) ?? decideBuiltin(caller, action, resource);
  }

  /** Whether the caller may reach anything at all below a prefix. */
  decideBelow(caller: Principal, action: Action, prefix: string, now: number): Decision {
    return this.#rolesOf(caller).decideBelow(action, prefix, now);
  }

  #rolesOf(caller: Principal): CompiledRoles {
    if (caller.method === 'token') return NO_ROLES;
    if (this.#policy.revision !== this.#revision || this.#byCaller.size >= MOST_CALLERS) this.#forget();
    const key = `${caller.kind}:${caller.id}`;
    let compiled = this.#byCaller.get(key);
    if (!compiled) {
      compiled = this.#compile(caller);
      this.#byCaller.set(key, compiled);
    }
    return compiled;
  }

  #compile(caller: Principal): CompiledRoles {
    const roles = this.#policy.rolesOf(caller);
    const key = roles
      .map((role) => role.role)
      .toSorted()
      .join(' ');
    const compiled = this.#byRoles.get(key) ?? new CompiledRoles(roles);
    this.#byRoles.set(key, compiled);
    return compiled;
  }

  #forget(): void {
    this.#byCaller.clear();
    this.#byRoles.clear();
    this.#revision = this.#policy.revision;
  }
}
