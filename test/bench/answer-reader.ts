/** One HTTP/1.1 answer as far as the generator needs it. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

const HEADERS_END = Buffer.from('\r\n\r\n');
const EMPTY = Buffer.alloc(0);

/** Reads answers with a Content-Length off a connection, one at a time, whatever pieces they arrive in. */
export class AnswerReader {
  #pending: Buffer = EMPTY;

  /** Takes the next piece; returns the answer once it is whole. A second answer nobody asked for is an error. */
  push(piece: Buffer): Answer | undefined {
    this.#pending = this.#pending.length === 0 ? piece : Buffer.concat([this.#pending, piece]);
    const headersEnd = this.#pending.indexOf(HEADERS_END);
    if (headersEnd === -1) return undefined;
    const headers = this.#pending.toString('latin1', 0, headersEnd);
    const bodyStart = headersEnd + HEADERS_END.length;
    const bodyEnd = bodyStart + contentLength(headers);
    if (this.#pending.length < bodyEnd) return undefined;
    if (this.#pending.length > bodyEnd) throw new Error('more bytes than one answer');
    const body = this.#pending.subarray(bodyStart, bodyEnd);
    this.#pending = EMPTY;
    return { status: Number(headers.slice(9, 12)), body };
  }
}

function contentLength(headers: string): number {
  const match = /\r\ncontent-length: *(\d+)/i.exec(headers);
  if (!match) throw new Error(`an answer without content-length: ${headers.split('\r\n')[0] ?? ''}`);
  return Number(match[1]);
}
