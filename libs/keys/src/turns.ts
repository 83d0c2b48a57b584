/** One piece of work at a time, in the order in which they came. One that fails does not keep the next from its turn. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #pending = 0;

  /** How many have come and are not done. */
  get pending(): number {
    return this.#pending;
  }

  take<T>(work: () => Promise<T>): Promise<T> {
    this.#pending += 1;
    const turn = this.#last.then(work).finally(() => (this.#pending -= 1));
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
