import type { ExportedEntry } from '../support/audit-export.ts';

/** A secret as it was found after the last restart: the hash of every version that can be read, null where it is deleted. */
export type FoundVersions = ReadonlyMap<number, string | null>;

/** What was found after the last restart. */
export interface Found {
  readonly secrets: ReadonlyMap<string, FoundVersions>;
  /** Whether a workload of this SPIFFE id is refused. */
  readonly refused: ReadonlyMap<string, boolean>;
  /** Whether this session token still counts. */
  readonly sessions: ReadonlyMap<string, boolean>;
  /** The entries of the log since the client started, in its order. */
  readonly entries: readonly ExportedEntry[];
}
