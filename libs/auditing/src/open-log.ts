import { randomBytes } from 'node:crypto';
import { type Batch, type EntryDraft, completeEntry, encodeBatch, entryBytes, formatCheckpoint, leafHash, signNote } from '#audit';
import type { CompactTree } from '#audit';
import type { LogRow } from '#authz';
import { RandomPool } from '#crypto';
import type { LogKeys } from '#keys';
import type { CheckpointRow, SegmentRow } from './log-store.ts';
import type { LogEnd } from './resume-log.ts';
import { Segment } from './segment.ts';
import { type SegmentKeys, batchAad } from './segment-keys.ts';

/** Entries on their way into the log: what to insert, and what to call when that is committed. */
export interface PreparedLog {
  /** To be inserted first, in the same transaction. */
  readonly segment?: SegmentRow;
  readonly row: LogRow;
  /** The row is durable: the log goes on behind it. Without this call the row never was. */
  accept(): void;
}

/** The committed log as one signature covers it. */
export interface SignedHead {
  readonly origin: string;
  readonly verifierKey: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Buffer;
  /** A signed checkpoint (C2SP tlog-checkpoint). */
  readonly note: string;
}

const SALT_SIZE = 16;
const WRITER_SIZE = 8;

/** The log between an unseal and the next seal. */
export class OpenLog {
  readonly #logKeys: LogKeys;
  readonly #keys: SegmentKeys;
  /** Names this unsealing in its entries: at 64 random bits no two ever share a numbering. */
  readonly #writer = randomBytes(WRITER_SIZE).toString('hex');
  readonly #salts = new RandomPool(1_024 * SALT_SIZE);
  #tree: CompactTree;
  #segment: Segment;
  #seq = 0;
  #checkpointed: number;
  #head: SignedHead | undefined;

  constructor(logKeys: LogKeys, keys: SegmentKeys, end: LogEnd) {
    this.#logKeys = logKeys;
    this.#keys = keys;
    this.#tree = end.tree;
    this.#segment = Segment.create(end.segment + 1, logKeys);
    this.#checkpointed = end.checkpointed;
  }

  get size(): number {
    return this.#tree.size;
  }

  prepare(drafts: readonly EntryDraft[], authority: Buffer): PreparedLog {
    const segment = this.#currentSegment();
    const entries = this.#place(drafts);
    const tree = this.#tree.clone();
    for (const entry of entries) tree.append(leafHash(entry));
    const position = { segment: segment.row.id, firstIndex: this.#tree.size, count: entries.length };
    const frame = encodeBatch({ frontier: tree.frontier(), authority, entries });
    const row = { ...position, sealed: segment.key.seal(frame, batchAad(position)) };
    return { segment: segment.stored ? undefined : segment.row, row, accept: () => this.#advance(tree, entries.length) };
  }

  checkpoint(): CheckpointRow | undefined {
    if (this.size === this.#checkpointed) return undefined;
    const { size, note } = this.head();
    this.#checkpointed = size;
    return { size, note };
  }

  head(): SignedHead {
    if (this.#head?.size !== this.size) this.#head = this.#sign();
    return this.#head;
  }

  batch(row: LogRow): Promise<Batch> {
    return this.#keys.open(row);
  }

  wipe(): void {
    this.#keys.wipe();
    this.#segment.key.wipe();
  }

  #currentSegment(): Segment {
    if (!this.#segment.full) return this.#segment;
    this.#segment.key.wipe();
    this.#segment = Segment.create(this.#segment.row.id + 1, this.#logKeys);
    return this.#segment;
  }

  /** The entries' canonical bytes. */
  #place(drafts: readonly EntryDraft[]): Buffer[] {
    return drafts.map((draft, i) => {
      const salt = this.#salts.text(SALT_SIZE, 'hex');
      return entryBytes(completeEntry(draft, { salt, writer: this.#writer, seq: this.#seq + i }));
    });
  }

  #advance(tree: CompactTree, count: number): void {
    this.#tree = tree;
    this.#seq += count;
    this.#segment.stored = true;
    this.#segment.entries += count;
  }

  #sign(): SignedHead {
    const { signer } = this.#logKeys;
    const head = { origin: signer.name, size: this.size, root: this.#tree.root() };
    return { ...head, verifierKey: signer.verifierKey, note: signNote(formatCheckpoint(head), signer) };
  }
}
