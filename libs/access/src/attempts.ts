import type { Clock } from '#identity';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** Names and addresses that are remembered; beyond it the longest untouched is forgotten. */
const MOST_KEYS = 10_000;

interface Failures {
  readonly count: number;
  readonly until: number;
}

/**
 * Makes guessing slow: after `free` failures in a row each further one doubles the wait before the next try. An attempt counts as
 * failed from its beginning until it succeeded, so that many at once gain nothing.
 */
export class Attempts {
  readonly #free: number;
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();

  constructor(free: number, clock: Clock) {
    this.#free = free;
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
    if (failures < this.#free) return 0;
    return Math.min(FIRST_WAIT_MS * 2 ** (failures - this.#free), LONGEST_WAIT_MS);
  }

  #forgetOldest(): void {
    const [oldest] = this.#failures.keys();
    if (oldest !== undefined && this.#failures.size > MOST_KEYS) this.#failures.delete(oldest);
  }
}
