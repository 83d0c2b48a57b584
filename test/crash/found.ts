import type { Entry } from '#audit';

/** A version as it was found: what can be read of it, or why nothing can. What is said to be destroyed counts only if nothing can be read. */
export type FoundVersion = { readonly hash: string } | 'deleted' | 'destroyed';

/** A secret as it was found after the last restart: every version that is listed. */
export type FoundVersions = ReadonlyMap<number, FoundVersion>;

/** A role as it was found: what its rule is on, and whether its caller may do what the rule says. */
export interface FoundRole {
  readonly place: string;
  readonly holds: boolean;
}

/** What was found after the last restart. */
export interface Found {
  readonly secrets: ReadonlyMap<string, FoundVersions>;
  /** How many versions' values the database still holds, counted in its own rows by whoever has its key. */
  readonly valueRows: number;
  readonly roles: ReadonlyMap<string, FoundRole>;
  /** Whether a workload of this SPIFFE id is refused. */
  readonly refused: ReadonlyMap<string, boolean>;
  /** Whether this session token still counts. */
  readonly sessions: ReadonlyMap<string, boolean>;
  /** The entries of the log since the client started, in its order. */
  readonly entries: readonly Entry[];
}
