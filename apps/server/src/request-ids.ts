import { randomFillSync } from 'node:crypto';

const ID_BYTES = 12;
const POOL_BYTES = ID_BYTES * 256;

/** Makes request ids: 96 random bits in base64url, so that neither a count nor a neighbour can be read from one. */
export class RequestIds {
  readonly #pool = Buffer.alloc(POOL_BYTES);
  #used = POOL_BYTES;

  next(): string {
    if (this.#used === POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += ID_BYTES;
    return this.#pool.toString('base64url', start, this.#used);
  }
}
