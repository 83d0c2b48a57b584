import type { Principal } from '#identity';
import type { Approvals } from './access.ts';
import type { Action } from '../language/actions.ts';
import type { LabelProvider } from '../gate/label-provider.ts';
import type { Role } from '../language/role.ts';
import type { RowWrite } from '../gate/rows.ts';

/** An approval that is good now. Of two accesses that use it at once, one finds that its write has gone stale. */
export interface LiveApproval {
  readonly id: string;
  readonly use: RowWrite;
}

/** Who holds which roles now, and whether callers still are who they came as. It answers from memory: deciding never waits. */
export abstract class Policy implements Approvals {
  /** Counts the changes of roles, and of which groups who is in: while it stands still, so does what a caller may. */
  abstract readonly revision: number;

  /**
   * Why what a caller came with holds no longer at `now` (epoch milliseconds): revoked, signed out, used up or over. Undefined while it
   * holds. The error's code is recorded and answered.
   */
  abstract lapseOf(caller: Principal, now: number): Error | undefined;

  /** The roles bound to a caller and those that they extend, each once, in any order. A role that has not changed is the same object. */
  abstract rolesOf(caller: Principal): readonly Role[];

  /** Where the labels of secrets are found; where it is left out, no rule that asks for them allows anything. */
  abstract readonly labels: LabelProvider | undefined;

  /** The approval that such an access rests on, and the write that uses it; the commit of the access takes that along. */
  abstract approvalOf(caller: Principal, action: Action, resource: string, now: number): LiveApproval | undefined;

  /** Told when an access that rested on an approval has been committed. */
  abstract approvalUsed(action: Action, requestId: string): void;

  /** Whether somebody else has approved of this very access, and the approval is live at `now` (epoch milliseconds). */
  abstract isApproved(caller: Principal, action: Action, resource: string, now: number): boolean;
}
