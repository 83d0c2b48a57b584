import type { Row, RowKey } from '#authz';

const ROW_OVERHEAD = 256;

/** The rows looked at last, sealed as they are stored, up to a size in bytes. It holds committed state only: the committer keeps it so. */
export class RowCache {
  readonly #capacity: number;
  /** By key, in order of use, oldest first. Keys are keyed hashes: should two kinds ever share one, the one that came last is kept. */
  readonly #rows = new Map<string, Row>();
  #size = 0;

  /** @param capacity bytes of sealed rows, their keys and a fixed overhead for each */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(kind: Row['kind'], key: string): Row | undefined {
    const row = this.#rows.get(key);
    if (row?.kind !== kind) return undefined;
    this.#rows.delete(key);
    this.#rows.set(key, row);
    return row;
  }

  put(row: Row): void {
    this.#forget(this.#rows.get(row.key));
    this.#rows.set(row.key, row);
    this.#size += sizeOf(row);
    this.#shrink();
  }

  drop({ kind, key }: RowKey): void {
    const row = this.#rows.get(key);
    if (row?.kind === kind) this.#forget(row);
  }

  clear(): void {
    this.#rows.clear();
    this.#size = 0;
  }

  #shrink(): void {
    for (const oldest of this.#rows.values()) {
      if (this.#size <= this.#capacity) return;
      this.#forget(oldest);
    }
  }

  #forget(row: Row | undefined): void {
    if (row === undefined) return;
    this.#rows.delete(row.key);
    this.#size -= sizeOf(row);
  }
}

function sizeOf(row: Row): number {
  return ROW_OVERHEAD + row.key.length + row.sealed.length + (row.wrapped?.length ?? 0);
}
