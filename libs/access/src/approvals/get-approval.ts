import type { Gate, RequestContext } from '#authz';
import type { Clock, Principal } from '#identity';
import { findLive, isOwn, NO_APPROVAL, ownResourceOf, resourceOf, shown, type Approval } from './approval.ts';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';

/** One request for approval, and what became of it. Its requester may always see it. */
export class GetApproval {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /** @throws AuthzError as the gate does; AccessError `not_found`, to who may see all of them */
  perform(caller: Principal, id: string, request: RequestContext): Promise<Approval> {
    return this.#gate.perform({ caller, action: 'approval:list', resource: this.#resource(caller, id), request }, async () => {
      const found = findLive(this.#authority, id, this.#clock.now().getTime());
      if (found === undefined) throw new AccessError('not_found');
      return { answer: shown(found.body) };
    });
  }

  #resource(caller: Principal, id: string): string {
    const found = findLive(this.#authority, id, this.#clock.now().getTime())?.body;
    if (found === undefined) return NO_APPROVAL;
    return isOwn(found, caller) ? ownResourceOf(resourceOf(found)) : resourceOf(found);
  }
}
