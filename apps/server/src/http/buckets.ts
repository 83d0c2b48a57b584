import type { RateLimit } from '#contract';

/** One kind of request, and how often. Times in milliseconds. */
export interface BucketRow {
  readonly at: number;
  /** How long a request takes to come back. */
  readonly interval: number;
  /** How long a whole bucket takes. */
  readonly span: number;
}

/** The row of a limit, each figure of it times `scale`; never less than one at once. */
export function bucketRow(at: number, { perSecond, burst }: RateLimit, scale: number): BucketRow {
  const interval = 1_000 / (perSecond * scale);
  return { at, interval, span: interval * Math.max(1, burst * scale) };
}

/**
 * Token buckets by key and row. Of each only one number is kept: when it will be full again (the generic cell rate algorithm, ITU-T I.371).
 *
 * Memory is bounded: keys lie in two generations, and when the younger has half of all there may be, the older is forgotten, with whom
 * nobody has asked for since. A bucket that was forgotten is a full one.
 */
export class Buckets {
  readonly #rows: number;
  readonly #half: number;
  #younger = new Map<string, Float64Array>();
  #older = new Map<string, Float64Array>();

  constructor(rows: number, mostKeys: number) {
    this.#rows = rows;
    this.#half = mostKeys / 2;
  }

  /** Takes one request out. 0 where there was one; otherwise nothing is taken, and this is how long until there is one again. */
  take(key: string, { at, interval, span }: BucketRow, now: number): number {
    const fullAt = this.#younger.get(key) ?? this.#found(key);
    const next = Math.max(fullAt[at] ?? 0, now) + interval;
    if (next - now > span) return next - now - span;
    fullAt[at] = next;
    return 0;
  }

  /** Puts one back that was taken. */
  giveBack(key: string, { at, interval }: BucketRow): void {
    const fullAt = this.#younger.get(key);
    if (fullAt !== undefined) fullAt[at] = (fullAt[at] ?? 0) - interval;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#younger.size + this.#older.size;
  }

  #found(key: string): Float64Array {
    const known = this.#older.get(key) ?? new Float64Array(this.#rows);
    if (this.#younger.size >= this.#half) {
      this.#older = this.#younger;
      this.#younger = new Map();
    }
    this.#younger.set(key, known);
    return known;
  }
}
