import { once } from 'node:events';
import { connect as connectPlainly } from 'node:net';
import { connect } from 'node:tls';
import supertest from 'supertest';
import { type Answer, answersIn } from '../support/raw-connection.ts';

/** Where a client connects to, what it proves itself with, and whom it believes. */
export interface Line {
  readonly port: number;
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
  /** Where from, if that matters. */
  readonly from?: string;
}

/** One request as a well-behaved client sends it. `body` is sent as JSON, or verbatim where it is text. */
export interface Asking {
  readonly method: string;
  readonly path: string;
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How long a server may leave a raw connection open before that counts as a hang. */
const HANG_MS = 10_000;

/** Sends one request by supertest. */
export async function ask({ port, ca, cert, key, token }: Line, { method, path, body, headers = {} }: Asking): Promise<Answer> {
  const request = supertest(`https://127.0.0.1:${port}`)[verbOf(method)](path).ca(ca).set(headers);
  if (cert !== undefined && key !== undefined) request.cert(cert).key(key);
  if (token !== undefined) request.set('authorization', `Bearer ${token}`);
  if (typeof body === 'string' && headers['content-type'] === undefined) request.set('content-type', 'application/json');
  const response = await request.send(body).buffer(true).parse(asText);
  return { status: response.status, headers: response.headers, body: String(response.body) };
}

/** Writes bytes to a TLS socket and reads all that comes back, until the server closes the connection. */
export async function exchange({ port, ca, cert, key, from }: Line, bytes: string | Buffer, hangMs = HANG_MS): Promise<readonly Answer[]> {
  const socket = connect({
    socket: connectPlainly({ host: '127.0.0.1', port, localAddress: from }),
    ca,
    cert,
    key,
    ALPNProtocols: ['http/1.1'],
  });
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  // A server that closes while we still write resets the connection; what it had answered before is what counts.
  socket.on('error', () => undefined);
  socket.setTimeout(hangMs, () => socket.destroy());
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'secureConnect');
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  await closed;
  return answersIn(Buffer.concat(received).toString('latin1'));
}

/** The bytes of a request with these header lines. */
export function message(line: string, headers: readonly string[] = [], body = ''): string {
  return `${[line, ...headers].join('\r\n')}\r\n\r\n${body}`;
}

function verbOf(method: string): 'get' | 'put' | 'patch' | 'post' | 'delete' {
  const verb = method.toLowerCase();
  if (verb === 'get' || verb === 'put' || verb === 'patch' || verb === 'post' || verb === 'delete') return verb;
  throw new TypeError(`no client of ours sends ${method}`);
}

/** Superagent would read JSON; the tests compare bytes. */
function asText(response: supertest.Response, done: (error: Error | null, body: string) => void): void {
  let body = '';
  response.setEncoding('utf8');
  response.on('data', (chunk) => (body += chunk));
  response.on('end', () => done(null, body));
}
