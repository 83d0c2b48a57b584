import { RandomPool } from '#crypto';

const ID_BYTES = 12;

/** Makes request ids: 96 random bits in base64url, so that neither a count nor a neighbour can be read from one. */
export class RequestIds {
  readonly #pool = new RandomPool(ID_BYTES * 256);

  next(): string {
    return this.#pool.text(ID_BYTES, 'base64url');
  }
}
