import type { Batch, EntryDraft } from '#audit';
import type { LogRow, Reader } from '#authz';
import type { Clock } from '#identity';
import { type Keyring, UnsealedPart } from '#keys';
import { AuditingError } from './errors.ts';
import type { CheckpointRow, LogStore } from './log-store.ts';
import { OpenLog, type PreparedLog, type SignedHead } from './open-log.ts';
import { resumeLog } from './resume-log.ts';
import { SegmentKeys } from './segment-keys.ts';

/** How far the clock may be set back over a restart, in milliseconds; a time server corrects by less. */
const CLOCK_TOLERANCE = 60_000;

/**
 * The log's one writer: it gives each entry its salt, writer and sequence, hashes it into the tree and seals the batch. It signs only
 * what is committed, so that no crash can leave a signature over entries that are gone.
 *
 * The one committer calls `prepare` and `accept` in turn: no second `prepare` before the first is accepted or given up.
 * While sealed, every method throws AuditingError `sealed`.
 */
export class LogWriter extends UnsealedPart {
  readonly #store: LogStore;
  readonly #clock: Clock;
  #log: OpenLog | undefined;
  #resumedAuthority: Buffer | undefined;

  constructor(store: LogStore, clock: Clock) {
    super();
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Resumes the log behind its last row. @throws AuditingError `log_damaged`, `log_behind_checkpoint` or `clock_before_log`
   */
  override async unsealed({ log }: Pick<Keyring, 'log'>, reader: Reader): Promise<void> {
    const keys = new SegmentKeys(log, this.#store);
    const end = await resumeLog({ store: this.#store, reader, keys, verifierKey: log.signer.verifierKey });
    if (end.time > this.#clock.now().getTime() + CLOCK_TOLERANCE) throw new AuditingError('clock_before_log');
    this.#resumedAuthority = end.authority;
    this.#log = new OpenLog(log, keys, end);
  }

  override sealing(): Promise<void> {
    this.#log?.wipe();
    this.#log = undefined;
    return Promise.resolve();
  }

  /** The authority's set digest where the log was resumed, which the authority must match; undefined for an empty log. */
  get resumedAuthority(): Buffer | undefined {
    return this.#resumedAuthority;
  }

  /** Committed entries. */
  get size(): number {
    return this.#open.size;
  }

  /** Makes the row for one commit's entries (at least one). `authority` is the set digest that the commit leaves behind, 32 bytes. */
  prepare(drafts: readonly EntryDraft[], authority: Buffer): PreparedLog {
    return this.#open.prepare(drafts, authority);
  }

  /**
   * A checkpoint of the committed log to be stored, or undefined when the last one covers it. It may go into any transaction: it never
   * covers the rows of that same one.
   */
  checkpoint(): CheckpointRow | undefined {
    return this.#open.checkpoint();
  }

  /** The committed log, signed now. */
  head(): SignedHead {
    return this.#open.head();
  }

  /** Opens a committed row. @throws CryptoError, AuditError or AuditingError `log_damaged` when it is not as it was written */
  batch(row: LogRow): Promise<Batch> {
    return this.#open.batch(row);
  }

  get #open(): OpenLog {
    if (this.#log === undefined) throw new AuditingError('sealed');
    return this.#log;
  }
}
