import type { Row, RowKey } from '#authz';

const ROW_OVERHEAD = 256;

/** The rows looked at last, sealed as they are stored, up to a size in bytes. It holds committed state only: the committer keeps it so. */
export class RowCache {
  readonly #capacity: number;
  /** In order of use, oldest first. */
  readonly #rows = new Map<string, Row>();
  #size = 0;

  /** @param capacity bytes of sealed rows, their keys and a fixed overhead for each */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(kind: Row['kind'], key: string): Row | undefined {
    const id = identify(kind, key);
    const row = this.#rows.get(id);
    if (!row) return undefined;
    this.#rows.delete(id);
    this.#rows.set(id, row);
    return row;
  }

  put(row: Row): void {
    this.drop(row);
    this.#rows.set(identify(row.kind, row.key), row);
    this.#size += sizeOf(row);
    this.#shrink();
  }

  drop({ kind, key }: RowKey): void {
    const id = identify(kind, key);
    const row = this.#rows.get(id);
    if (!row) return;
    this.#rows.delete(id);
    this.#size -= sizeOf(row);
  }

  clear(): void {
    this.#rows.clear();
    this.#size = 0;
  }

  #shrink(): void {
    for (const oldest of this.#rows.values()) {
      if (this.#size <= this.#capacity) return;
      this.drop(oldest);
    }
  }
}

function identify(kind: string, key: string): string {
  return `${kind}:${key}`;
}

function sizeOf(row: Row): number {
  return ROW_OVERHEAD + row.key.length + row.sealed.length + (row.wrapped?.length ?? 0);
}
