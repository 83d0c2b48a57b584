import { randomFillSync } from 'node:crypto';

/**
 * Random bytes of the operating system's generator, fetched many at a time: asking for a few costs as much as asking for thousands. No
 * byte is handed out twice. For what is no key: nothing of it is wiped.
 */
export class RandomPool {
  readonly #pool: Buffer;
  #used: number;

  /** `size`: bytes that are fetched at a time. */
  constructor(size: number) {
    this.#pool = Buffer.alloc(size);
    this.#used = size;
  }

  /** The next bytes, as a text in an encoding. There may not be more of them than are fetched at a time. */
  text(length: number, encoding: 'hex' | 'base64url'): string {
    const end = this.#take(length);
    return this.#pool.toString(encoding, end - length, end);
  }

  /** The next bytes. */
  bytes(length: number): Buffer {
    const end = this.#take(length);
    return Buffer.from(this.#pool.subarray(end - length, end));
  }

  #take(length: number): number {
    if (this.#used + length > this.#pool.length) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    this.#used += length;
    return this.#used;
  }
}
