import type { EntryDraft } from '#audit';
import type { LogStore } from '#auditing';
import { CommitObserver, type Committer, type Reader, type Row, type RowWrite, type Submission } from '#authz';
import { ANONYMOUS } from '#identity';
import type { FakeLog } from './fake-log.ts';

/** An open, empty place for rows, with what a contract suite looks at. */
export interface RowBench {
  readonly reader: Reader;
  readonly committer: Committer;
  /** The writes that the committer's observers were told of, in order. */
  readonly observed: readonly RowWrite[];
  /** The request ids of the entries that were committed, in order. */
  readonly recorded: () => Promise<readonly string[]>;
}

/** An open, empty log. */
export interface LogBench {
  readonly reader: Reader;
  readonly committer: Committer;
  readonly logStore: LogStore;
  /** Stores a checkpoint over what is committed. */
  readonly signNow: () => Promise<void>;
}

export const WHOLE_LOG = [0, Number.MAX_SAFE_INTEGER] as const;

function entry(requestId: string): EntryDraft {
  const { kind, id, method, credential } = ANONYMOUS;
  return {
    time: '2026-11-24T12:00:00.000Z',
    caller: { kind, id, method, credential },
    peer: '127.0.0.1',
    action: 'secret:write',
    resource: 'shop/db',
    decision: 'allow',
    outcome: 'done',
    requestId,
  };
}

export function secretRow(key: string, rev = 1, content = `${key} at ${rev}`): Row {
  return { kind: 'secret', key, rev, sealed: Buffer.from(content) };
}

export function roleRow(key: string, rev = 1): Row {
  return { kind: 'role', key, rev, sealed: Buffer.from(`${key} at ${rev}`) };
}

/** An open, empty database of whichever engine. */
export interface DatabaseBench extends RowBench, LogBench {
  readonly log: FakeLog;
}

/** Keeps what a committer tells its observers of. */
export class Observed extends CommitObserver {
  readonly writes: RowWrite[] = [];

  override committed(writes: readonly RowWrite[]): void {
    this.writes.push(...writes);
  }
}

/** Writes with the one entry that records them. */
export function change(requestId: string, ...writes: readonly RowWrite[]): Submission {
  return { expects: [], writes, entries: [entry(requestId)] };
}

/** A read's submission: rows that must still be at their revision, and its entry. */
export function read(requestId: string, ...expects: Submission['expects']): Submission {
  return { expects, writes: [], entries: [entry(requestId)] };
}
