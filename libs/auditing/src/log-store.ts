import type { LogRow } from '#authz';

/** A segment's data key, wrapped by the audit key. Only a rotation replaces `wrapped`. */
export interface SegmentRow {
  /** From 1, without a gap. */
  readonly id: number;
  readonly wrapped: Buffer;
}

/** A signed checkpoint over the first `size` entries (C2SP tlog-checkpoint). */
export interface CheckpointRow {
  readonly size: number;
  readonly note: string;
}

/** What the log needs of the database beyond its rows: where it ended, and the keys to read them. Committed state only. */
export abstract class LogStore {
  /** The row with the greatest `firstIndex`. */
  abstract lastRow(): Promise<LogRow | undefined>;

  /** The wrapped data key of a segment. */
  abstract segmentKey(segment: number): Promise<Buffer | undefined>;

  /** The checkpoint with the greatest `size`. */
  abstract lastCheckpoint(): Promise<CheckpointRow | undefined>;
}
