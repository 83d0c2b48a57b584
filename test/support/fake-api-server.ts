import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { reviewOf } from './token-issuer.ts';
import type { TestCertificate } from './certificates.ts';
import { portOf } from './ports.ts';

/** What it was asked. */
interface Review {
  readonly authorization: string | undefined;
  readonly url: string | undefined;
  readonly token: string;
}

/** A Kubernetes API server on the loopback address as far as reviewing tokens goes: it knows every token whose pod is there. */
export class FakeApiServer implements AsyncDisposable {
  readonly reviews: Review[] = [];
  /** Uids of pods that were deleted. */
  readonly gone = new Set<string>();
  /** Answers in its place, where it is set. */
  instead: ((response: ServerResponse) => void) | undefined;
  readonly #server: Server;

  private constructor({ certificatePem: cert, privateKeyPem: key }: TestCertificate) {
    this.#server = createServer({ cert, key }, (request, response) => void this.#answer(request, response));
  }

  static async start(certificate: TestCertificate): Promise<FakeApiServer> {
    const server = new FakeApiServer(certificate);
    await once(server.#server.listen(0, '127.0.0.1'), 'listening');
    return server;
  }

  get url(): string {
    return `https://127.0.0.1:${portOf(this.#server)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close().closeAllConnections();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { spec } = (await json(request)) as { spec: { token: string } };
    this.reviews.push({ authorization: request.headers.authorization, url: request.url, token: spec.token });
    if (this.instead !== undefined) return this.instead(response);
    const claims = JSON.parse(Buffer.from(spec.token.split('.')[1] ?? '', 'base64url').toString());
    const isGone = this.gone.has(claims['kubernetes.io'].pod.uid);
    const review = reviewOf(claims, isGone ? { authenticated: false, error: 'pod is gone' } : {});
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(review));
  }
}
