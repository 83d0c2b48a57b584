import { AuthzError, type Gate, type Plan, type RequestContext } from '#authz';
import { subjectOf, type Clock, type Principal } from '#identity';
import { findLive, NO_APPROVAL, resourceOf, shown, type Approval } from './approval.ts';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import type { ApprovalRecord } from '../authority/records.ts';

/** Which request is decided, how and why. */
interface Decision {
  readonly id: string;
  readonly approve: boolean;
  readonly reason?: string;
}

/**
 * The second person's answer. Only an operator gives it, and none who is the first person too: not whoever has asked, in whatever session, not
 * whoever enrolled the workload that has asked, nor whose client certificate that workload has. A denial takes back an approval as well.
 */
export class DecideApproval {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /** @throws AuthzError as the gate does, `denied` to who is no second person; AccessError `not_found`, `conflict` when it is decided so already */
  perform(caller: Principal, decision: Decision, request: RequestContext): Promise<Approval> {
    const found = findLive(this.#authority, decision.id, this.#clock.now().getTime());
    const resource = found === undefined ? NO_APPROVAL : resourceOf(found.body);
    return this.#gate.perform({ caller, action: 'approval:decide', resource, request }, async () => this.#plan(caller, decision));
  }

  #plan(caller: Principal, { id, approve, reason }: Decision): Plan<Approval> {
    const now = this.#clock.now();
    const held = findLive(this.#authority, id, now.getTime());
    if (held === undefined) throw new AccessError('not_found');
    if (!this.#isSecond(caller, held.body))
      throw new AuthzError('denied', 'who has asked, or let the workload in that has, is no second person');
    const state = approve ? 'approved' : 'denied';
    // What was denied stays so: it can be asked for anew.
    if (held.body.state === state || held.body.state === 'denied') throw new AccessError('conflict', 'it has been decided already');
    const expiresAt = approve ? new Date(now.getTime() + held.body.ttl * 1000).toISOString() : held.body.expiresAt;
    const body = { ...held.body, state, expiresAt, decision: { by: subjectOf(caller), at: now.toISOString(), reason } } as const;
    return { writes: [this.#authority.put('approval', body, held)], answer: shown(body) };
  }

  #isSecond(caller: Principal, { caller: first, enrolledBy }: ApprovalRecord): boolean {
    if (caller.kind !== 'operator' || caller.method === 'token') return false;
    if (first.kind === 'operator') return first.id !== caller.id;
    return enrolledBy !== caller.id && this.#authority.find('operator', caller.id)?.body.certificate !== first.id;
  }
}
