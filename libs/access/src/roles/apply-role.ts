import type { Gate, RequestContext } from '#authz';
import { subjectOf, type Clock, type Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import type { StoredRole } from '../authority/records.ts';
import { checkRoles, partOf, type ChangeTerms, type RoleWish } from './role-change.ts';

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
   * @throws AuthzError as the gate does, `invalid_role`; AccessError `conflict` when it has another version than it must, or nobody would
   *   administer any more
   */
  perform(caller: Principal, { reason, ...wish }: RoleWish & ChangeTerms, request: RequestContext): Promise<StoredRole> {
    const ask = { caller, action: 'policy:write', resource: wish.name, request } as const;
    return this.#authority.changeRoles(() =>
      this.#gate.perform(ask, async (reader, may) => {
        const note = { updatedBy: subjectOf(caller), updatedAt: this.#clock.now().toISOString(), reason };
        const [change] = checkRoles(this.#authority, may, [wish], note);
        if (change === undefined) throw new TypeError('one wish is one change');
        return { ...(await partOf(this.#authority, reader, change)), answer: change.after };
      }),
    );
  }
}
