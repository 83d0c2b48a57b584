import { SecretBytes, XaesKey } from '#crypto';
import type { LogKeys } from '#keys';
import type { SegmentRow } from './log-store.ts';

const KEY_SIZE = 32;
/** Entries under one data key, at most a batch more. */
const SEGMENT_SIZE = 65_536;

/** The run of rows that is being written, under a data key of its own. */
export class Segment {
  readonly row: SegmentRow;
  readonly key: XaesKey;
  /** Whether the database holds its row. */
  stored = false;
  entries = 0;

  private constructor(row: SegmentRow, key: XaesKey) {
    this.row = row;
    this.key = key;
  }

  static create(id: number, logKeys: LogKeys): Segment {
    using dek = SecretBytes.random(KEY_SIZE);
    return new Segment({ id, wrapped: logKeys.sealSegmentKey(id, dek) }, new XaesKey(dek));
  }

  get full(): boolean {
    return this.entries >= SEGMENT_SIZE;
  }
}
