import { AuthzError, parseRole, type Gate, type May, type Plan, type RequestContext } from '#authz';
import type { Clock, Principal } from '#identity';
import { checkAdministered } from './administration.ts';
import type { Authority } from './authority.ts';
import { checkParents, inEffect } from './inheritance.ts';
import type { StoredRole } from './records.ts';
import { widens } from './widening.ts';

/** Creates a role or replaces it whole. Giving anybody more than they had wants `policy:escalate` besides. */
export class ApplyRole {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /**
   * `role` is untrusted input.
   *
   * @throws AuthzError as the gate does, `invalid_role`; AccessError `conflict` when nobody would administer any more
   */
  perform(caller: Principal, name: string, role: unknown, request: RequestContext): Promise<StoredRole> {
    const ask = { caller, action: 'policy:write', resource: name, request } as const;
    return this.#authority.changeRoles(() => this.#gate.perform(ask, (_reader, may) => this.#plan(name, role, may)));
  }

  async #plan(name: string, role: unknown, may: May): Promise<Plan<StoredRole>> {
    const parsed = parseRole(role);
    if (parsed.role !== name) throw new AuthzError('invalid_role', 'role: not the name that it is put under');
    const held = this.#authority.find('role', name);
    // Who may not read a role does not learn whether there is one to extend.
    if (!(parsed.extends ?? []).every((parent) => may('policy:read', parent))) throw new AuthzError('denied');
    checkParents(this.#authority, parsed);
    const before = held && inEffect(this.#authority, held.body);
    if (widens(before, inEffect(this.#authority, parsed)) && !may('policy:escalate', name)) throw new AuthzError('denied');
    checkAdministered(this.#authority, name, parsed);
    const stored = { ...parsed, version: (held?.body.version ?? 0) + 1, updatedAt: this.#clock.now().toISOString() };
    return { writes: [this.#authority.put('role', stored, held)], answer: stored, version: stored.version };
  }
}
