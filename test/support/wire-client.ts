import { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { text } from 'node:stream/consumers';

/** A whole answer. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** Who a client is: a workload by its certificate, an operator by a session token, or nobody. */
export interface Credential {
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
}

/** A plain client of one TLS listener on 127.0.0.1: JSON in, status and text out, no retries, no judgement. */
export class WireClient {
  readonly #port: number;
  readonly #agent: Agent;
  readonly #headers: Record<string, string>;

  /** Without `ca` the server's certificate is not checked: a server that isn't initialised has nobody to vouch for it. */
  constructor(port: number, ca: string | undefined, { token, ...tls }: Credential = {}) {
    const trust = ca === undefined ? { rejectUnauthorized: false } : { ca };
    this.#port = port;
    this.#agent = new Agent({ keepAlive: true, maxCachedSessions: 0, ...trust, ...tls });
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** One request. Rejects only when there is no answer (refused, reset, timed out after 20 s). A buffer goes out as it is. */
  async send(method: string, path: string, body?: object, more: Record<string, string> = {}): Promise<WireAnswer> {
    const response = await this.open(method, path, body, more);
    const { statusCode: status = 0, headers, rawHeaders } = response;
    return { status, headers, rawHeaders, body: await text(response) };
  }

  /** One request that must be answered with 2xx; returns the parsed body. */
  async must<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await this.send(method, path, body);
    if (answer.status < 200 || answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    const parsed: T = answer.body === '' ? undefined : JSON.parse(answer.body);
    return parsed;
  }

  /** One request; the answer's body is left on the stream. */
  open(method: string, path: string, body?: object, more: Record<string, string> = {}): Promise<IncomingMessage> {
    const payload = body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const headers = { ...this.#headers, ...(payload === undefined ? {} : jsonHeaders(payload)), ...more };
    const options: RequestOptions = { host: '127.0.0.1', port: this.#port, agent: this.#agent, method, path, headers, timeout: 20_000 };
    return new Promise((resolve, reject) => {
      const outgoing = request(options, resolve);
      outgoing.on('timeout', () => outgoing.destroy(new Error('timed out')));
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function jsonHeaders(payload: string | Buffer): Record<string, string> {
  return { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) };
}
