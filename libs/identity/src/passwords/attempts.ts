import type { Clock } from '../clock.ts';

/** Names and addresses that are remembered; beyond it the longest untouched is forgotten. */
const MOST_KEYS = 10_000;

/** How slow guessing becomes. Times in milliseconds. */
export interface Pace {
  /** Failures in a row that cost no wait; after the last of them the first wait begins. */
  readonly free: number;
  /** A second where it is left out. */
  readonly firstWaitMs?: number;
  /** A quarter of an hour where it is left out. */
  readonly longestWaitMs?: number;
}

interface Failures {
  readonly count: number;
  readonly until: number;
}

/**
 * Makes guessing slow: after some failures in a row each further one doubles the wait before the next try. An attempt counts as
 * failed from its beginning until it succeeded, so that many at once gain nothing.
 */
export class Attempts {
  readonly #pace: Required<Pace>;
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();

  constructor({ free, firstWaitMs = 1_000, longestWaitMs = 15 * 60_000 }: Pace, clock: Clock) {
    this.#pace = { free, firstWaitMs, longestWaitMs };
    this.#clock = clock;
  }

  /** Whether another try may begin now; if so, it counts. */
  begin(key: string): boolean {
    const now = this.#clock.now().getTime();
    const { count, until } = this.#failures.get(key) ?? { count: 0, until: 0 };
    if (now < until) return false;
    this.#failures.delete(key);
    this.#failures.set(key, { count: count + 1, until: now + this.#waitAfter(count + 1) });
    this.#forgetOldest();
    return true;
  }

  /** The right password was given: what came before is forgotten. */
  succeeded(key: string): void {
    this.#failures.delete(key);
  }

  #waitAfter(failures: number): number {
    const { free, firstWaitMs, longestWaitMs } = this.#pace;
    return failures < free ? 0 : Math.min(firstWaitMs * 2 ** (failures - free), longestWaitMs);
  }

  #forgetOldest(): void {
    const [oldest] = this.#failures.keys();
    if (oldest !== undefined && this.#failures.size > MOST_KEYS) this.#failures.delete(oldest);
  }
}
