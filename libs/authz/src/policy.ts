import type { Principal } from '#identity';
import type { Role } from './role.ts';

/** Who holds which roles now, and whether callers still are who they came as. It answers from memory: deciding never waits. */
export abstract class Policy {
  /** Counts the changes of roles, and of which groups who is in: while it stands still, so does what a caller may. */
  abstract readonly revision: number;

  /**
   * Why what a caller came with holds no longer at `now` (epoch milliseconds): revoked, signed out, used up or over. Undefined while it
   * holds. The error's code is recorded and answered.
   */
  abstract lapseOf(caller: Principal, now: number): Error | undefined;

  /** The roles bound to a caller, in any order. */
  abstract rolesOf(caller: Principal): readonly Role[];
}
