import { AuthzError, type RowKey, type RowWrite, type Submission } from '#authz';
import type { CheckpointRow, PreparedLog } from '#auditing';
import type Database from 'better-sqlite3-multiple-ciphers';
import { isAuthority, type RowChange } from './authority-digest.ts';
import { RecordStatements } from './record-statements.ts';
import type { RowCache } from './row-cache.ts';
import { refusedStatement } from './sqlite-errors.ts';

/** What became of one submission inside the transaction: its changes, or why it has none. */
export type Applied = readonly RowChange[] | 'stale' | 'refused';

/**
 * The statements of one transaction on the writing connection, which nobody else uses. From `begin` to `commit` or `rollback`
 * nothing awaits, so nothing of another request can come between.
 */
export class WriteTransaction {
  readonly #handle: Database;
  readonly #cache: RowCache;
  readonly #records: RecordStatements;
  readonly #statements: ReturnType<typeof prepareStatements>;
  /** Revisions that this transaction has changed so far; 0 for a removed row. */
  readonly #changed = new Map<string, number>();

  constructor(handle: Database, cache: RowCache) {
    this.#handle = handle;
    this.#cache = cache;
    this.#records = new RecordStatements(handle);
    this.#statements = prepareStatements(handle);
  }

  begin(): void {
    this.#changed.clear();
    this.#statements.begin.run();
  }

  /** Applies one submission, all of it or nothing. @throws the driver's error when the whole transaction is lost */
  apply({ expects, writes, entries }: Submission): Applied {
    // No change without its record.
    if (writes.length > 0 && entries.length === 0) return 'refused';
    if (!expects.every((each) => this.#revisionOf(each) === each.rev)) return 'stale';
    if (!writes.every((each) => this.#revisionOf(each) === each.rev - 1)) return 'stale';
    return writes.length === 0 ? [] : this.#write(writes);
  }

  append({ segment, row }: PreparedLog): void {
    if (segment) mustInsert(this.#statements.segment.run(segment.id, segment.wrapped));
    mustInsert(this.#statements.batch.run(row.firstIndex, row.count, row.segment, row.sealed));
  }

  addCheckpoint({ size, note }: CheckpointRow): void {
    mustInsert(this.#statements.checkpoint.run(size, note));
  }

  commit(): void {
    this.#statements.commit.run();
  }

  /** The engine may have rolled back by itself, on a full disk for one. */
  rollback(): void {
    if (this.#handle.inTransaction) this.#statements.rollback.run();
  }

  #write(writes: readonly RowWrite[]): Applied {
    this.#statements.savepoint.run();
    try {
      const changes = writes.map((write) => this.#change(write));
      this.#statements.release.run();
      for (const write of writes) this.#changed.set(identify(write), write.sealed ? write.rev : 0);
      return changes;
    } catch (error) {
      if (!refusedStatement(error)) throw error;
      this.#statements.undo.run();
      this.#statements.release.run();
      return 'refused';
    }
  }

  #change(write: RowWrite): RowChange {
    const before = write.rev > 1 && isAuthority(write.kind) ? this.#records.find(write.kind, write.key) : undefined;
    if (this.#run(write).changes !== 1) throw new AuthzError('row_refused');
    return { before, write };
  }

  #run({ kind, key, rev, wrapped, sealed }: RowWrite): Database.RunResult {
    if (sealed === null) return this.#statements.remove.run(kind, key, rev - 1);
    if (rev === 1) return this.#statements.insert.run(kind, key, rev, wrapped ?? null, sealed);
    return this.#statements.update.run(rev, wrapped ?? null, sealed, kind, key, rev - 1);
  }

  /** The cache holds committed state, so what this transaction has changed comes first. */
  #revisionOf(row: RowKey): number {
    const changed = this.#changed.get(identify(row));
    if (changed !== undefined) return changed;
    return (this.#cache.get(row.kind, row.key) ?? this.#records.find(row.kind, row.key))?.rev ?? 0;
  }
}

function identify({ kind, key }: RowKey): string {
  return `${kind}:${key}`;
}

/** A trigger can swallow an insert without an error. */
function mustInsert({ changes }: Database.RunResult): void {
  if (changes !== 1) throw new AuthzError('row_refused');
}

function prepareStatements(handle: Database) {
  return {
    begin: handle.prepare('BEGIN IMMEDIATE'),
    commit: handle.prepare('COMMIT'),
    rollback: handle.prepare('ROLLBACK'),
    savepoint: handle.prepare('SAVEPOINT submission'),
    release: handle.prepare('RELEASE submission'),
    undo: handle.prepare('ROLLBACK TO submission'),
    insert: handle.prepare('INSERT INTO record (kind, key, rev, wrapped, sealed) VALUES (?, ?, ?, ?, ?)'),
    update: handle.prepare('UPDATE record SET rev = ?, wrapped = ?, sealed = ? WHERE kind = ? AND key = ? AND rev = ?'),
    remove: handle.prepare('DELETE FROM record WHERE kind = ? AND key = ? AND rev = ?'),
    segment: handle.prepare('INSERT INTO audit_segment (id, wrapped) VALUES (?, ?)'),
    batch: handle.prepare('INSERT INTO audit_batch (first_index, count, segment, sealed) VALUES (?, ?, ?, ?)'),
    checkpoint: handle.prepare('INSERT INTO audit_checkpoint (size, note) VALUES (?, ?)'),
  };
}
