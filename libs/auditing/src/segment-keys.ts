import { type Batch, decodeBatch } from '#audit';
import type { LogRow } from '#authz';
import { XaesKey, associatedData } from '#crypto';
import type { LogKeys } from '#keys';
import { AuditingError } from './errors.ts';
import type { LogStore } from './log-store.ts';

/** The data keys of the log's segments, opened when a row first needs them. */
export class SegmentKeys {
  readonly #logKeys: LogKeys;
  readonly #store: LogStore;
  readonly #keys = new Map<number, XaesKey>();

  constructor(logKeys: LogKeys, store: LogStore) {
    this.#logKeys = logKeys;
    this.#store = store;
  }

  /** Opens a row. @throws CryptoError or AuditError when it is not as it was written, AuditingError `log_damaged` without its segment */
  async open(row: LogRow): Promise<Batch> {
    const key = await this.#keyOf(row.segment);
    const batch = decodeBatch(key.open(row.sealed, batchAad(row)));
    if (batch.entries.length !== row.count) throw new AuditingError('log_damaged');
    return batch;
  }

  wipe(): void {
    for (const key of this.#keys.values()) key.wipe();
    this.#keys.clear();
  }

  async #keyOf(segment: number): Promise<XaesKey> {
    const known = this.#keys.get(segment);
    if (known !== undefined) return known;
    const wrapped = await this.#store.segmentKey(segment);
    if (wrapped === undefined) throw new AuditingError('log_damaged');
    using dek = this.#logKeys.openSegmentKey(segment, wrapped);
    const key = new XaesKey(dek);
    this.#keys.set(segment, key);
    return key;
  }
}

/** What a sealed row is bound to: the place in the log that it fills. */
export function batchAad({ segment, firstIndex, count }: Omit<LogRow, 'sealed'>): Buffer {
  return associatedData('audit-batch', segment, firstIndex, count);
}
