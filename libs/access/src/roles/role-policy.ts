import { type Action, type LabelProvider, type LiveApproval, Policy, type Role } from '#authz';
import type { Principal } from '#identity';
import { findApproval, useOf } from '../approvals/approval.ts';
import type { Authority } from '../authority/authority.ts';
import { lapseOf } from '../authority/lapse.ts';

/** Whoever raises its voice when a second person's approval was used. */
export abstract class ApprovalWitness {
  /** Such an access has been committed. It must not throw. */
  abstract accessed(action: Action, requestId: string): void;
}

/**
 * The authority's roles and credentials, as the gate asks for them. Only a change of a role, or of what an operator is, is a new revision:
 * no sign-in makes it decide anew.
 */
export class RolePolicy extends Policy {
  readonly labels: LabelProvider | undefined;
  readonly #authority: Authority;
  readonly #witness: ApprovalWitness | undefined;
  /** At which change of the credentials a caller's own was last found to hold: asked again at the same one, it costs no look-up. */
  readonly #foundGood = new WeakMap<Principal, number>();

  constructor(authority: Authority, labels?: LabelProvider, witness?: ApprovalWitness) {
    super();
    this.#witness = witness;
    this.#authority = authority;
    this.labels = labels;
  }

  get revision(): number {
    return this.#authority.revisionOf('role') + this.#authority.operatorStandings;
  }

  rolesOf(caller: Principal): readonly Role[] {
    return this.#authority.rolesOf(caller);
  }

  isApproved(caller: Principal, action: Action, resource: string, now: number): boolean {
    return findApproval(this.#authority, caller, { action, resource, now }) !== undefined;
  }

  approvalOf(caller: Principal, action: Action, resource: string, now: number): LiveApproval | undefined {
    const held = findApproval(this.#authority, caller, { action, resource, now });
    return held && { id: held.body.id, use: useOf(this.#authority, held) };
  }

  approvalUsed(action: Action, requestId: string): void {
    this.#witness?.accessed(action, requestId);
  }

  lapseOf(caller: Principal, now: number): Error | undefined {
    const changes = this.#credentialChanges;
    const { until = Infinity } = caller.validity ?? {};
    if (now < until && this.#foundGood.get(caller) === changes) return undefined;
    const lapse = lapseOf(this.#authority, caller, now);
    if (lapse === undefined) this.#foundGood.set(caller, changes);
    return lapse;
  }

  get #credentialChanges(): number {
    const credentials = this.#authority.revisionOf('session') + this.#authority.revisionOf('enrolment');
    return credentials + this.#authority.revisionOf('revocation') + this.#authority.operatorStandings;
  }
}
