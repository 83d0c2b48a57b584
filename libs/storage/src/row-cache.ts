import type { Row, RowKey } from '#authz';

const ROW_OVERHEAD = 256;

/**
 * The rows looked at lately, sealed as they are stored, up to a size in bytes. It holds committed state only: the committer keeps it so.
 *
 * Two generations stand for the order of use: what is asked for moves into the young one, and when that holds half of what fits, the old
 * one is forgotten. So a row that is asked for all the time costs one look-up, and no other is moved for it.
 */
export class RowCache {
  readonly #half: number;
  /** By key. Keys are keyed hashes: should two kinds ever share one, the row that came last is kept. */
  #young = new Map<string, Row>();
  #old = new Map<string, Row>();
  #youngSize = 0;

  /** @param capacity bytes of sealed rows, their keys and a fixed overhead for each */
  constructor(capacity: number) {
    this.#half = capacity / 2;
  }

  get(kind: Row['kind'], key: string): Row | undefined {
    const row = this.#young.get(key) ?? this.#renew(key);
    return row?.kind === kind ? row : undefined;
  }

  put(row: Row): void {
    this.drop(row);
    if (sizeOf(row) <= this.#half) this.#keep(row);
  }

  drop({ key }: RowKey): void {
    const row = this.#young.get(key);
    if (row !== undefined) this.#youngSize -= sizeOf(row);
    this.#young.delete(key);
    this.#old.delete(key);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#youngSize = 0;
  }

  #renew(key: string): Row | undefined {
    const row = this.#old.get(key);
    if (row === undefined) return undefined;
    this.#old.delete(key);
    this.#keep(row);
    return row;
  }

  #keep(row: Row): void {
    if (this.#youngSize + sizeOf(row) > this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngSize = 0;
    }
    this.#young.set(row.key, row);
    this.#youngSize += sizeOf(row);
  }
}

function sizeOf(row: Row): number {
  return ROW_OVERHEAD + row.key.length + row.sealed.length + (row.wrapped?.length ?? 0);
}
