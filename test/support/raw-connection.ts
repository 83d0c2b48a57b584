import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import type { Credential } from './wire-client.ts';

const END_OF_HEAD = '\r\n\r\n';

/** An answer. Header names are in lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

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
    while (answersIn(this.received).filter(isWhole).length < count) await once(this.#socket, 'data');
  }

  /** Resolves when the other side has ended the connection. */
  async closed(): Promise<void> {
    if (!this.#socket.closed) await once(this.#socket, 'close');
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** The answers in what a server sent, in order, each with what there is of its body. */
export function answersIn(received: string): Answer[] {
  const answers: Answer[] = [];
  for (let rest = received; rest.includes(END_OF_HEAD);) {
    const [head = '', ...after] = rest.split(END_OF_HEAD);
    const [statusLine = '', ...lines] = head.split('\r\n');
    const headers = Object.fromEntries(lines.map(headerOf));
    const content = after.join(END_OF_HEAD);
    const body = content.slice(0, Number(headers['content-length'] ?? 0));
    answers.push({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]), headers, body });
    rest = content.slice(body.length);
  }
  return answers;
}

function isWhole({ headers, body }: Answer): boolean {
  return body.length === Number(headers['content-length'] ?? 0);
}

function headerOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
