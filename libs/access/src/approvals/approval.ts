import type { Action, RowWrite } from '#authz';
import { subjectOf, type Principal } from '#identity';
import type { Authority, Held } from '../authority/authority.ts';
import type { ApprovalRecord } from '../authority/records.ts';

/** An approval as it is shown. */
export interface Approval extends Omit<ApprovalRecord, 'caller' | 'enrolledBy'> {
  /** Written as bindings are. */
  readonly caller: string;
}

/** What is decided on, and recorded, where nothing that is there is meant. */
export const NO_APPROVAL = '**';

export function shown({
  id,
  caller,
  action,
  resource,
  reason,
  once,
  ttl,
  state,
  requestedAt,
  expiresAt,
  decision,
  uses,
}: ApprovalRecord): Approval {
  return { id, caller: subjectOf(caller), action, resource, reason, once, ttl, state, requestedAt, expiresAt, decision, uses };
}

/** What an access of the area `approval` is on: the access that was asked for. */
export function resourceOf({ action, resource }: Pick<ApprovalRecord, 'action' | 'resource'>): string {
  return `${action}/${resource}`;
}

/** The same for what one has asked for oneself, and for everything of the kind: `own/**`. */
export function ownResourceOf(resource: string): string {
  return `own/${resource}`;
}

export function isOwn({ caller }: ApprovalRecord, { kind, id }: Principal): boolean {
  return caller.kind === kind && caller.id === id;
}

/** A request or an approval that has not ended. It ends with its time, and with the caller that it was asked by. */
export function findLive(authority: Authority, id: string, now: number): Held<ApprovalRecord> | undefined {
  return authority.all('approval').find(({ body }) => body.id === id && isLive(authority, body, now));
}

/** The approval that an access may use. */
export function findApproval(
  authority: Authority,
  caller: Principal,
  access: { readonly action: Action; readonly resource: string; readonly now: number },
): Held<ApprovalRecord> | undefined {
  const fits = ({ state, action, resource }: ApprovalRecord): boolean =>
    state === 'approved' && action === access.action && resource === access.resource;
  return authority.all('approval').find(({ body }) => fits(body) && isOwn(body, caller) && isLive(authority, body, access.now));
}

/** The write by which an approval is used: one for one use goes with it. */
export function useOf(authority: Authority, held: Held<ApprovalRecord>): RowWrite {
  const { body } = held;
  return body.once ? authority.remove('approval', held) : authority.put('approval', { ...body, uses: body.uses + 1 }, held);
}

/** Whoever was revoked, or deleted and made anew, has nothing of what was asked for before. */
export function isLive(authority: Authority, { caller, requestedAt, expiresAt }: ApprovalRecord, now: number): boolean {
  if (now >= Date.parse(expiresAt)) return false;
  if (caller.kind === 'workload') return Date.parse(requestedAt) > authority.revocations.lastOf(caller.id);
  const operator = authority.find('operator', caller.id);
  return operator !== undefined && operator.body.createdAt <= requestedAt;
}
