import type { Principal } from '#identity';
import type { Action } from '../language/actions.ts';
import type { Labels } from '../gate/label-provider.ts';

/** One access at one moment: all that a rule can look at. */
export interface Access {
  readonly caller: Principal;
  readonly action: Action;
  readonly resource: string;
  /** The socket's own address; nothing is within a network that is not one. */
  readonly peer: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Those of the secret, where they are known. */
  readonly labels?: Labels;
  /** Where an approval would be found; where it is left out, there is none. */
  readonly approvals?: Approvals;
}

/** Whether somebody else has approved of an access. */
export interface Approvals {
  isApproved(caller: Principal, action: Action, resource: string, now: number): boolean;
}
