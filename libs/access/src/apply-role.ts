import { AuthzError, parseRole, type Gate, type RequestContext } from '#authz';
import type { Clock, Principal } from '#identity';
import { ADMINISTRATOR } from './administrator.ts';
import type { Authority } from './authority.ts';
import { AccessError } from './errors.ts';
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
    return this.#gate.perform({ caller, action: 'policy:write', resource: name, request }, async (_reader, may) => {
      const parsed = parseRole(role);
      if (parsed.role !== name) throw new AuthzError('invalid_role', 'role: not the name that it is put under');
      const held = this.#authority.find('role', name);
      if (widens(held?.body, parsed) && !may('policy:escalate', name)) throw new AuthzError('denied');
      if (name === ADMINISTRATOR && parsed.bind.length === 0) throw new AccessError('conflict', 'somebody has to administer');
      const stored = { ...parsed, version: (held?.body.version ?? 0) + 1, updatedAt: this.#clock.now().toISOString() };
      return { writes: [this.#authority.put('role', stored, held)], answer: stored, version: stored.version };
    });
  }
}
