/** Bytes of bodies that strangers may have on their way in at a time, all together. More than the connections of one address can fill. */
const STRANGERS_BYTES = 32 * 1024 * 1024;

/** What bodies of callers whom nobody vouches for may take up. */
export class BodyBudget {
  #left: number;

  constructor(bytes = STRANGERS_BYTES) {
    this.#left = bytes;
  }

  /** Whether there is room for so many bytes; if so they are taken, until they are given back. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }
}
