import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import type { Credential } from './wire-client.ts';

/** One TLS connection to 127.0.0.1 on which a test writes its own bytes and counts those that come back. */
export class RawConnection implements Disposable {
  readonly #socket: TLSSocket;
  readonly #received: Buffer[] = [];

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#received.push(chunk));
    socket.on('error', () => undefined);
  }

  static async open(port: number, ca: string, { cert, key }: Credential = {}): Promise<RawConnection> {
    const socket = connect({ host: '127.0.0.1', port, ca, cert, key, servername: 'localhost' });
    await once(socket, 'secureConnect');
    return new RawConnection(socket);
  }

  /** Sends a request without a body; `headers` are whole lines. */
  ask(method: string, path: string, ...headers: readonly string[]): void {
    this.#socket.write([`${method} ${path} HTTP/1.1`, 'host: localhost', ...headers, '', ''].join('\r\n'));
  }

  /** Sends these bytes: what follows a request's headers, or a part of them. */
  send(text: string): void {
    this.#socket.write(text);
  }

  /** Everything that has come back so far. */
  get received(): string {
    return Buffer.concat(this.#received).toString('latin1');
  }

  /** Resolves when the answers received are as many as asked for, each with its whole body. */
  async answered(count = 1): Promise<void> {
    while (wholeAnswers(this.received) < count) await once(this.#socket, 'data');
  }

  /** Resolves when the other side has ended the connection. */
  async closed(): Promise<void> {
    if (!this.#socket.closed) await once(this.#socket, 'close');
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

function wholeAnswers(received: string): number {
  let count = 0;
  for (let rest = received; rest !== ''; count++) {
    const end = rest.indexOf('\r\n\r\n');
    const length = Number(/^content-length: (\d+)\r$/im.exec(rest.slice(0, end + 1))?.[1] ?? 0);
    if (end < 0 || rest.length < end + 4 + length) break;
    rest = rest.slice(end + 4 + length);
  }
  return count;
}
