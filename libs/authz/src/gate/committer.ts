import type { EntryDraft } from '#audit';
import type { Expect, RowWrite } from './rows.ts';

/** One plan on its way into the database: what must still hold, what changes, and the entries that record it. */
export interface Submission {
  readonly expects: readonly Expect[];
  readonly writes: readonly RowWrite[];
  readonly entries: readonly EntryDraft[];
}

/** What became of a submission: all of it is durable, or a revision had moved on and nothing of it is written. */
export type Committed = 'committed' | 'stale';

/**
 * The one way into the database. When `commit` answers `committed`, the writes and the entries are on stable storage, in one
 * transaction. It takes submissions in order, many to one transaction, each all or nothing.
 */
export abstract class Committer {
  /**
   * @throws RowRefused when the engine refused this submission alone: nothing of it is written, not even its entries.
   * @throws StorageUnavailable when nothing can be made durable now (disk full, read-only): nothing is written.
   */
  abstract commit(submission: Submission): Promise<Committed>;
}
