import type { Principal } from '#identity';
import type { Role } from './role.ts';

/** Who holds which roles now. It answers from memory: deciding never waits. */
export abstract class Policy {
  /** Counts the changes of the authority: while it stands still, every answer stays the same. */
  abstract readonly revision: number;

  /** The roles bound to a caller, in any order. */
  abstract rolesOf(caller: Principal): readonly Role[];
}
