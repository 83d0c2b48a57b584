import { areaOf, type Action } from '../language/actions.ts';
import type { Access } from './access.ts';
import { AuthzError } from '../errors.ts';
import type { LiveApproval, Policy } from './policy.ts';
import type { Decision } from './weigh.ts';

const SEEING = /:(read|list|describe|export)$/;

/** Whether an approval could be for it: it is one thing, or a log that is read as a whole. */
export function isForApproval(action: Action, resource: string): boolean {
  return !resource.includes('*') || areaOf(action) === 'audit';
}

/**
 * Whether a question beside an access may be answered by an approval, and use it up: not one about what its answer shows, which is asked of
 * many things at once.
 */
export function isForApprovalToo(action: Action): boolean {
  return !SEEING.test(action);
}

/** What to answer where an approval is all that is missing. The hint is the same whatever is asked for. */
export function approvalNeeded(action: Action): AuthzError {
  return new AuthzError('approval_needed', `a second operator can approve it: holdfast approval request ${action} RESOURCE --reason TEXT`);
}

/** The approvals behind some accesses, each once; undefined where one is no longer good. */
export function approvalsOf(policy: Policy, accesses: readonly Access[]): readonly LiveApproval[] | undefined {
  const found = new Map<string, LiveApproval>();
  for (const { caller, action, resource, now } of accesses) {
    const approval = policy.approvalOf(caller, action, resource, now);
    if (approval === undefined) return undefined;
    found.set(approval.id, approval);
  }
  return [...found.values()];
}

/** The questions beside one access that rest on approvals, and the first that was denied. */
export class Asides {
  asked = false;
  approved: Access[] | undefined;
  denied: Access | undefined;

  hear(access: Access, { allowed, approved }: Decision): void {
    this.asked = true;
    if (approved) (this.approved ??= []).push(access);
    else if (!allowed) this.denied ??= access;
  }
}
