import type { CheckpointRow, LogWriter } from '#auditing';
import { type RowWrite, type Submission } from '#authz';
import { leavesRow, type AuthorityDigest, type RowChange } from './authority-digest.ts';
import { StorageError, WriteRefused } from './errors.ts';
import type { RowCache } from './row-cache.ts';
import { sqliteCode, writeProblem } from './sqlite-errors.ts';
import type { Applied, WriteTransaction } from './write-transaction.ts';

/** What the committer needs of the log. */
export type CommitLog = Pick<LogWriter, 'prepare' | 'checkpoint' | 'resumedAuthority'>;

/** What became of each submission of a batch, in order, and all that is now different. */
export interface BatchOutcome {
  readonly applied: readonly Applied[];
  readonly writes: readonly RowWrite[];
  readonly entries: number;
}

/** Codes of a COMMIT that left nothing behind. After any other, what is on the disk is unknown. */
const NOTHING_WRITTEN = /^SQLITE_(FULL|READONLY|BUSY)/;

/**
 * Brings submissions into the database in one transaction, with their entries and what these leave behind, and the memory that
 * mirrors the database (row cache, authority digest, log) after it. Nothing here awaits.
 */
export class BatchCommit {
  readonly #transaction: WriteTransaction;
  readonly #cache: RowCache;
  readonly #log: CommitLog;
  #digest: AuthorityDigest;
  /** Signed, but its transaction failed: the log won't sign the same size again. */
  #unsaved: CheckpointRow | undefined;

  constructor(transaction: WriteTransaction, cache: RowCache, log: CommitLog, digest: AuthorityDigest) {
    this.#transaction = transaction;
    this.#cache = cache;
    this.#log = log;
    this.#digest = digest;
  }

  /**
   * Returns when everything that was applied is on stable storage.
   * @throws WriteRefused: nothing of the batch was written
   * @throws StorageError `commit_unknown`: the process must stop
   */
  run(submissions: readonly Submission[], sign: boolean): BatchOutcome {
    const applied: Applied[] = [];
    const finish = this.#orRollBack(() => {
      this.#transaction.begin();
      for (const submission of submissions) applied.push(this.#transaction.apply(submission));
      if (sign) this.#addCheckpoint();
      return this.#record(submissions, applied);
    });
    this.#commit();
    return finish();
  }

  /** Appends the entries of what was applied. Answers what is to be done once they are durable. */
  #record(submissions: readonly Submission[], applied: readonly Applied[]): () => BatchOutcome {
    const changes = applied.flatMap((each) => (typeof each === 'string' ? [] : each));
    const entries = submissions.flatMap((each, at) => (typeof applied[at] === 'string' ? [] : each.entries));
    const digest = changes.length > 0 ? this.#digest.after(changes) : this.#digest;
    const prepared = entries.length > 0 ? this.#log.prepare(entries, digest.bytes) : undefined;
    if (prepared) this.#transaction.append(prepared);
    return () => {
      prepared?.accept();
      this.#digest = digest;
      this.#unsaved = undefined;
      for (const change of changes) this.#mirror(change);
      return { applied, writes: changes.map((each) => each.write), entries: entries.length };
    };
  }

  #mirror({ write }: RowChange): void {
    if (leavesRow(write)) this.#cache.put(write);
    else this.#cache.drop(write);
  }

  #addCheckpoint(): void {
    this.#unsaved = this.#log.checkpoint() ?? this.#unsaved;
    if (this.#unsaved) this.#transaction.addCheckpoint(this.#unsaved);
  }

  #commit(): void {
    try {
      this.#transaction.commit();
    } catch (error) {
      if (!NOTHING_WRITTEN.test(sqliteCode(error))) throw new StorageError('commit_unknown');
      this.#rollBack();
      throw new WriteRefused(writeProblem(error));
    }
  }

  #orRollBack<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#rollBack();
      throw new WriteRefused(writeProblem(error));
    }
  }

  #rollBack(): void {
    try {
      this.#transaction.rollback();
    } catch {
      throw new StorageError('commit_unknown');
    }
  }
}
