import type { EntryDraft } from '#audit';
import type { LogStore } from '#auditing';
import type { Committer, Reader, Row, RowWrite, Submission } from '#authz';
import { ANONYMOUS } from '#identity';
import type { FakeLog } from './fake-log.ts';

/** An open, empty database of whichever engine, with what a contract suite looks at. */
export interface DatabaseBench {
  readonly reader: Reader;
  readonly committer: Committer;
  readonly logStore: LogStore;
  readonly log: FakeLog;
  /** The writes that the committer's observers were told of, in order. */
  readonly observed: readonly RowWrite[];
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

/** Writes with the one entry that records them. */
export function change(requestId: string, ...writes: readonly RowWrite[]): Submission {
  return { expects: [], writes, entries: [entry(requestId)] };
}

/** A read's submission: rows that must still be at their revision, and its entry. */
export function read(requestId: string, ...expects: Submission['expects']): Submission {
  return { expects, writes: [], entries: [entry(requestId)] };
}
