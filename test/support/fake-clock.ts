import { Clock } from '#identity';

/** Time that stands still until it is told to move. */
export class FakeClock extends Clock {
  #now: number;

  constructor(start = '2026-12-01T12:00:00.000Z') {
    super();
    this.#now = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#now);
  }

  /** Moves on, or back. */
  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}
