import type { Gate, RequestContext } from '#authz';
import type { Clock, Principal } from '#identity';
import { findLive, isOwn, NO_APPROVAL, ownResourceOf, resourceOf } from './approval.ts';
import type { Authority, Held } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import type { ApprovalRecord } from '../authority/records.ts';

/** Takes back what one has asked for oneself, whether it was approved or not. */
export class CancelApproval {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /** @throws AuthzError as the gate does, whether it is another's or is not there; AccessError `not_found` when it has ended meanwhile */
  perform(caller: Principal, id: string, request: RequestContext): Promise<void> {
    const found = this.#own(caller, id);
    const resource = found === undefined ? NO_APPROVAL : ownResourceOf(resourceOf(found.body));
    return this.#gate.perform({ caller, action: 'approval:request', resource, request }, async () => {
      const held = this.#own(caller, id);
      if (held === undefined) throw new AccessError('not_found');
      return { writes: [this.#authority.remove('approval', held)], answer: undefined };
    });
  }

  #own(caller: Principal, id: string): Held<ApprovalRecord> | undefined {
    const held = findLive(this.#authority, id, this.#clock.now().getTime());
    return held !== undefined && isOwn(held.body, caller) ? held : undefined;
  }
}
