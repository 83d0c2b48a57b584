/** What an entry takes besides its path and its value's own bytes: a place in the map, an object, the heads of its strings. */
const ENTRY_BYTES = 256;

/**
 * What was computed for paths lately, up to a number of bytes: a path of 256 names takes a hundred times as much as one of three. When they
 * are full it begins anew.
 */
export class PathMemo<V> {
  readonly #kept = new Map<string, V>();
  readonly #sizeOf: (value: V) => number;
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(sizeOf: (value: V) => number, mostBytes: number) {
    this.#sizeOf = sizeOf;
    this.#mostBytes = mostBytes;
  }

  get(path: string): V | undefined {
    return this.#kept.get(path);
  }

  /** Remembers a value in place of the path's former one, and answers it. */
  set(path: string, value: V): V {
    const former = this.#kept.get(path);
    if (former !== undefined) this.#bytes -= this.#costOf(path, former);
    const cost = this.#costOf(path, value);
    if (this.#bytes + cost > this.#mostBytes) this.clear();
    this.#bytes += cost;
    this.#kept.set(path, value);
    return value;
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #costOf(path: string, value: V): number {
    return ENTRY_BYTES + path.length + this.#sizeOf(value);
  }
}
