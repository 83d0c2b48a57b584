import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { boundOf, type BoundAddress } from './listeners.ts';
import type { Metrics } from './metrics.ts';

/** What the probe may tell. */
export interface Readiness {
  /** Whether the workload listener accepts connections. */
  workload(): boolean;
  /** Whether an operator can reach the server, sealed or not. */
  operator(): boolean;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
}

/** The plain HTTP listener for orchestrators and Prometheus. It says how the server is and nothing of what it keeps. */
export class Probe {
  readonly #server: Server;
  readonly #readiness: Readiness;
  readonly #metrics: Metrics;

  constructor(readiness: Readiness, metrics: Metrics) {
    this.#readiness = readiness;
    this.#metrics = metrics;
    this.#server = createServer({ maxHeaderSize: 8_192, headersTimeout: 5_000, requestTimeout: 5_000 }, (request, response) => {
      this.#answer(request).then(
        (answer) => send(response, answer),
        () => send(response, { status: 500, body: 'failed\n' }),
      );
    });
  }

  async open(address: { readonly address: string; readonly port: number }): Promise<BoundAddress> {
    this.#server.listen({ host: address.address, port: address.port });
    await once(this.#server, 'listening');
    return boundOf(this.#server);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer({ method, url }: IncomingMessage): Promise<Answer> {
    if (method !== 'GET') return { status: 405, body: 'method not allowed\n' };
    switch (url) {
      case '/health/live':
        return { status: 200, body: 'live\n' };
      case '/health/ready':
        return readiness(this.#readiness.workload());
      case '/health/ready?for=operator':
        return readiness(this.#readiness.operator());
      case '/metrics':
        return { status: 200, body: await this.#metrics.text(), type: this.#metrics.contentType };
      default:
        return { status: 404, body: 'not found\n' };
    }
  }
}

function readiness(ready: boolean): Answer {
  return ready ? { status: 200, body: 'ready\n' } : { status: 503, body: 'not ready\n' };
}

function send(response: ServerResponse, { status, body, type = 'text/plain; charset=utf-8' }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}
