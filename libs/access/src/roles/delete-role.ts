import { AuthzError, type Ask, type Gate, type May, type Plan, type Reader, type RequestContext } from '#authz';
import { subjectOf, type Clock, type Principal } from '#identity';
import { checkAdministered } from './administration.ts';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { checkChildless, inEffect } from './inheritance.ts';
import { checkVersion, type ChangeTerms } from './role-change.ts';
import { roleWrites } from './role-history.ts';
import { widens } from './widening.ts';

/** Takes a role away from everybody; its versions are kept. Where it denied something, that wants `policy:escalate` besides. */
export class DeleteRole {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found`, `conflict` as ApplyRole has it, and when other roles extend it */
  perform(caller: Principal, name: string, request: RequestContext, terms: ChangeTerms = {}): Promise<void> {
    const ask = { caller, action: 'policy:delete', resource: name, request } as const;
    return this.#authority.changeRoles(() => this.#gate.perform(ask, (reader, may) => this.#plan(ask, terms, reader, may)));
  }

  async #plan({ caller, resource: role }: Ask, { reason, ifVersion }: ChangeTerms, reader: Reader, may: May): Promise<Plan<void>> {
    const held = this.#authority.find('role', role)?.body;
    if (held === undefined) throw new AccessError('not_found');
    checkVersion(held, ifVersion);
    if (widens(inEffect(this.#authority.roles, held), undefined) && !may('policy:escalate', role)) throw new AuthzError('denied');
    checkChildless(this.#authority, role);
    checkAdministered(this.#authority, new Map([[role, undefined]]));
    const note = { updatedBy: subjectOf(caller), updatedAt: this.#clock.now().toISOString(), reason };
    const deleted = { role, version: held.version + 1, ...note, deleted: true } as const;
    return { writes: await roleWrites(this.#authority, reader, deleted), answer: undefined, version: held.version };
  }
}
