import type { Gate, RequestContext } from '#authz';
import { subjectOf, type Clock, type Principal } from '#identity';
import type { Authority } from './authority.ts';
import type { StoredRole } from './records.ts';
import { checkRoles, partOf, type ChangeTerms } from './role-change.ts';

/**
 * Creates a role or replaces it whole. Giving anybody more than they had wants `policy:escalate` besides. A role that stays as it is keeps
 * its version.
 */
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
   * @throws AuthzError as the gate does, `invalid_role`; AccessError `conflict` when it has another version than it must, or nobody would
   *   administer any more
   */
  perform(
    caller: Principal,
    name: string,
    role: unknown,
    request: RequestContext,
    { reason, ifVersion }: ChangeTerms = {},
  ): Promise<StoredRole> {
    const ask = { caller, action: 'policy:write', resource: name, request } as const;
    return this.#authority.changeRoles(() =>
      this.#gate.perform(ask, async (reader, may) => {
        const note = { updatedBy: subjectOf(caller), updatedAt: this.#clock.now().toISOString(), reason };
        const [change] = checkRoles(this.#authority, may, [{ name, role, ifVersion }], note);
        if (change === undefined) throw new TypeError('one wish is one change');
        return { ...(await partOf(this.#authority, reader, change)), answer: change.after };
      }),
    );
  }
}
