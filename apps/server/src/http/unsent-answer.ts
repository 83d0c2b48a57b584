import { Readable } from 'node:stream';

/** What goes to the socket at a time: no more of an answer than this is copied on its way. */
const PIECE = 64 * 1024;

/** Who is answered, and what ends it. */
export interface Recipient {
  readonly caller: string;
  readonly cut: () => void;
}

/** A large answer that leaves in pieces, each when the one before it has left. */
export class UnsentAnswer extends Readable {
  readonly recipient: Recipient;
  readonly #body: Buffer;
  readonly #onLeft: (answer: UnsentAnswer, bytes: number) => void;
  #sent = 0;

  /** `onLeft` hears of every byte once, also of those that never leave. */
  constructor(body: Buffer, recipient: Recipient, onLeft: (answer: UnsentAnswer, bytes: number) => void) {
    super({ highWaterMark: PIECE });
    this.recipient = recipient;
    this.#body = body;
    this.#onLeft = onLeft;
  }

  get sent(): number {
    return this.#sent;
  }

  override _read(): void {
    const piece = this.#body.subarray(this.#sent, this.#sent + PIECE);
    this.#sent += piece.length;
    this.#onLeft(this, piece.length);
    this.push(piece.length === 0 ? null : piece);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const left = this.#body.length - this.#sent;
    this.#sent += left;
    this.#onLeft(this, left);
    done(error);
  }
}
