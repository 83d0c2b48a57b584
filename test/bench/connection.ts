import { type SecureContext, type TLSSocket, connect } from 'node:tls';
import { type Answer, AnswerReader } from './answer-reader.ts';
import type { Target } from './job.ts';

/** One mutual-TLS connection on which requests go out one after the other. No session is ever resumed. */
export class Connection {
  readonly #socket: TLSSocket;
  readonly #reader = new AnswerReader();
  #settle: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  #failure: Error | undefined;

  /** Starts to connect at once; the first request waits for the handshake. */
  constructor(target: Target, secureContext: SecureContext) {
    this.#socket = connect({ host: target.host, port: target.port, secureContext });
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (piece) => typeof piece !== 'string' && this.#receive(piece));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  /** Sends the bytes of one request and resolves with its answer. */
  exchange(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#settle = { resolve, reject };
      this.#socket.write(request, 'latin1');
    });
  }

  /** Closes and resolves when the socket is gone, so that connections can't pile up. */
  close(): Promise<void> {
    if (this.#socket.closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#socket.once('close', () => resolve());
      this.#socket.end();
    });
  }

  #receive(piece: Buffer): void {
    try {
      const answer = this.#reader.push(piece);
      if (answer) this.#take()?.resolve(answer);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      this.#socket.destroy();
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#take()?.reject(error);
  }

  #take() {
    const settle = this.#settle;
    this.#settle = undefined;
    return settle;
  }
}
