import type { Gate, RequestContext } from '#authz';
import type { Clock, Principal } from '#identity';
import { isLive, isOwn, ownResourceOf, resourceOf, shown, type Approval } from './approval.ts';
import type { Authority } from '../authority/authority.ts';
import type { ApprovalRecord } from '../authority/records.ts';

/** What is asked for and has not ended, the oldest first: what the caller may list or, with `own`, has asked for itself. */
export class ListApprovals {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /** @throws AuthzError as the gate does */
  perform(caller: Principal, own: boolean, request: RequestContext): Promise<readonly Approval[]> {
    const ask = { caller, action: 'approval:list', resource: own ? ownResourceOf('**') : '', request } as const;
    if (own) return this.#gate.perform(ask, async () => ({ answer: this.#those((approval) => isOwn(approval, caller)) }));
    return this.#gate.performWithin(ask, async (_reader, may) => ({
      answer: this.#those((approval) => may('approval:list', resourceOf(approval))),
    }));
  }

  #those(which: (approval: ApprovalRecord) => boolean): Approval[] {
    const now = this.#clock.now().getTime();
    const live = this.#authority
      .all('approval')
      .flatMap(({ body }) => (isLive(this.#authority, body, now) && which(body) ? [shown(body)] : []));
    return live.toSorted((a, b) => (`${a.requestedAt} ${a.id}` < `${b.requestedAt} ${b.id}` ? -1 : 1));
  }
}
