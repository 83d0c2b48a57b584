import { IdentityError } from '../errors.ts';

/** Lets at most `limit` pieces of work run at a time; at most `mostWaiting` others wait, in the order in which they came. */
export class Concurrency {
  readonly #limit: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limit: number, mostWaiting: number) {
    this.#limit = limit;
    this.#mostWaiting = mostWaiting;
  }

  /** @throws IdentityError `too_many_requests` when as many wait already; the work has not begun then */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limit) this.#running += 1;
    else if (this.#waiting.length >= this.#mostWaiting) throw new IdentityError('too_many_requests');
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  /** A place that is given up goes straight to the next in line, so that no newcomer slips in between. */
  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
