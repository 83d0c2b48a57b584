import { AuthzError, Reader, type LogRow, type Row, type RowKind } from '#authz';
import type { OpenDatabase } from './open-database.ts';
import type { RowCache } from './row-cache.ts';

const LOG_PAGE = 64;

/** Reads on the read-only connection, which sees committed rows only. */
export class TypeormReader extends Reader {
  readonly #opened: () => OpenDatabase;
  readonly #cache: RowCache;

  constructor(opened: () => OpenDatabase, cache: RowCache) {
    super();
    this.#opened = opened;
    this.#cache = cache;
  }

  override async find(kind: RowKind, key: string): Promise<Row | undefined> {
    const { records } = this.#opened();
    return this.#cache.get(kind, key) ?? this.#keep(atTheDoor(() => records.find(kind, key)));
  }

  override async page(kind: RowKind, prefix: string, after: string, limit: number): Promise<readonly Row[]> {
    const { records } = this.#opened();
    return atTheDoor(() => records.page(kind, prefix, after, limit));
  }

  /** In short reads of their own, so that a slow taker holds no snapshot and the write-ahead log can start over. */
  override async *log(fromIndex: number, toIndex: number): AsyncIterable<LogRow> {
    let from = fromIndex;
    while (from < toIndex) {
      const { log } = this.#opened();
      const rows = atTheDoor(() => log.page(from, toIndex, LOG_PAGE));
      yield* rows;
      const last = rows.at(-1);
      if (!last) return;
      from = last.firstIndex + last.count;
    }
  }

  #keep(row: Row | undefined): Row | undefined {
    if (row) this.#cache.put(row);
    return row;
  }
}

/** What the driver threw stays here: its errors carry parameters. */
function atTheDoor<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw new AuthzError('storage_unavailable');
  }
}
