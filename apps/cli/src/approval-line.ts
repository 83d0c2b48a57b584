import type { ResponseOf } from '#contract';

/** An approval as people see it. */
export function lineOf({ id, state, caller, action, resource, expiresAt, reason }: ResponseOf<'getApproval'>): string {
  return `${id}  ${state} until ${expiresAt}  ${caller}  ${action} ${resource}  ${reason}`;
}
