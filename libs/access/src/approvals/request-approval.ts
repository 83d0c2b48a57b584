import { randomBytes } from 'node:crypto';
import { areaOf, AuthzError, parseDeed, type Action, type Gate, type Plan, type RequestContext } from '#authz';
import type { Clock, Principal } from '#identity';
import { isLive, isOwn, shown, type Approval } from './approval.ts';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import type { ApprovalRecord } from '../authority/records.ts';

/** What somebody wants to do, and why. `action` and `resource` are untrusted input. */
interface Request {
  readonly action: string;
  readonly resource: string;
  readonly reason: string;
  /** Seconds, to wait for an answer and to use it from then on; an hour where it is left out. */
  readonly ttl?: number;
  /** Good for one use, unless it says no: then until it ends. */
  readonly once?: boolean;
}

const HOUR = 3_600;
/** Of one caller. */
const MOST_OF_ONE = 16;
/** Of all workloads, and as many of all operators: neither takes the others' room. */
const MOST_OF_A_KIND = 1_000;
/** Ended ones that a request clears away. */
const CLEARED_AT_ONCE = 32;

/** Asks for the approval of a second person. It may be asked for where a rule would allow the access with one, and nowhere else. */
export class RequestApproval {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;
  #last: Promise<unknown> = Promise.resolve();

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /**
   * One after the other, so that no more are let in at once than one by one.
   *
   * @throws AuthzError as the gate does; `invalid_question`; AccessError `conflict` when it has been asked for already, `too_many_requests`
   */
  perform(caller: Principal, asked: Request, request: RequestContext): Promise<Approval> {
    const ask = { caller, action: 'approval:request', resource: `${asked.action}/${asked.resource}`, request } as const;
    const turn = (): Promise<Approval> => this.#gate.perform(ask, async () => this.#plan(caller, asked, request));
    const answer = this.#last.then(turn, turn);
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  #plan(caller: Principal, asked: Request, request: RequestContext): Plan<Approval> {
    const { action, resource } = accessIn(asked);
    if (!this.#gate.mayIfApproved({ caller, action, resource, request })) throw new AuthzError('denied');
    const now = this.#clock.now();
    const live = this.#authority.all('approval').filter(({ body }) => isLive(this.#authority, body, now.getTime()));
    const own = live.filter(({ body }) => isOwn(body, caller));
    const same = own.filter(({ body }) => body.action === action && body.resource === resource);
    if (same.some(({ body }) => body.state !== 'denied')) throw new AccessError('conflict', 'this has been asked for already');
    const ofItsKind = live.filter(({ body }) => body.caller.kind === caller.kind);
    if (own.length >= MOST_OF_ONE || ofItsKind.length >= MOST_OF_A_KIND) throw new AccessError('too_many_requests');
    const record = this.#record(caller, { ...asked, action }, now);
    const cleared = [
      ...same,
      ...this.#authority
        .all('approval')
        .filter((held) => !live.includes(held))
        .slice(0, CLEARED_AT_ONCE),
    ];
    const writes = [this.#authority.put('approval', record, undefined), ...cleared.map((held) => this.#authority.remove('approval', held))];
    return { writes, answer: shown(record) };
  }

  #record(
    caller: Principal,
    { action, resource, reason, ttl = HOUR, once = true }: Request & { action: Action },
    now: Date,
  ): ApprovalRecord {
    return {
      id: randomBytes(8).toString('hex'),
      caller: { kind: caller.kind === 'workload' ? 'workload' : 'operator', id: caller.id },
      action,
      resource,
      reason,
      once,
      ttl,
      state: 'pending',
      requestedAt: now.toISOString(),
      expiresAt: new Date(now.getTime() + ttl * 1000).toISOString(),
      enrolledBy: this.#enrolledBy(caller),
      uses: 0,
    };
  }

  #enrolledBy({ kind, id, place }: Principal): string | undefined {
    if (kind !== 'workload') return undefined;
    const line = place && this.#authority.find('certificate-line', place.line);
    return line?.body.enrolledBy ?? this.#authority.all('enrolment').find(({ body }) => body.spiffeId === id)?.body.createdBy;
  }
}

/** @throws AuthzError `invalid_question` */
function accessIn({ action, resource }: Request): ReturnType<typeof parseDeed> {
  const access = parseDeed(action, resource);
  if (resource.includes('*') && areaOf(access.action) !== 'audit') throw new AuthzError('invalid_question', 'an approval is for one thing');
  return access;
}
