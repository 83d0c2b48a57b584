import { constants, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Connections, ListenerName } from './connections.ts';

/** What a listener hands its requests to. */
export interface RequestSink {
  readonly connections: Connections;
  readonly handle: RequestListener;
  /** A request that Node's parser refused, or that asks for a tunnel: no request listener will see it. */
  refuse(error: NodeJS.ErrnoException, socket: Duplex): void;
}

/** Where something listens in fact, also when the settings left the port open. */
export type BoundAddress = Pick<AddressInfo, 'address' | 'port'>;

/** What a listener proves who it is with, and whom it believes. */
export interface ListenerTrust {
  readonly key: string;
  readonly certificate: string;
  /** Roots of client certificates. Empty: none is accepted (never Node's default of the web's roots). */
  readonly anchors: readonly string[];
}

/** Bounds of the protocol that hold before any of our code runs. */
const BOUNDS = {
  handshakeTimeout: 10_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 75_000,
  maxHeaderSize: 16_384,
} as const;
/** One more than a request may have, so that one more is seen rather than silently dropped. */
export const MAX_HEADERS = 100;
const IDLE_SOCKET_MS = 120_000;
/** Beyond this a connection is closed as it comes in. */
const MOST_CONNECTIONS = { workload: 10_000, operator: 1_000 } as const satisfies Record<ListenerName, number>;

/**
 * One TLS 1.3 listener. It may be opened and closed any number of times.
 *
 * OpenSSL verifies a client's chain in the handshake; a peer without an acceptable certificate is let through and refused by the
 * edge, so that the defect is in the log and the peer gets a problem. No session is ever resumed: a resumed one would count as
 * authorised after its CA was replaced, and shows only its leaf. Own ticket keys and an own `sessionIdContext` keep it so even if a
 * ticket of the other listener is presented.
 */
export class TlsListener {
  readonly name: ListenerName;
  readonly #address: { readonly address: string; readonly port: number };
  readonly #sink: RequestSink;
  readonly #ticketKeys = randomBytes(48);
  #server: Server | undefined;

  constructor(name: ListenerName, address: { readonly address: string; readonly port: number }, sink: RequestSink) {
    this.name = name;
    this.#address = address;
    this.#sink = sink;
  }

  /** Where it listens, while it does. */
  get bound(): BoundAddress | undefined {
    return this.#server && boundOf(this.#server);
  }

  async open(trust: ListenerTrust): Promise<BoundAddress> {
    const server = createServer({ ...this.#options(trust), ...BOUNDS, ...HTTP }, this.#sink.handle);
    server.maxHeadersCount = MAX_HEADERS + 1;
    server.timeout = IDLE_SOCKET_MS;
    server.maxConnections = MOST_CONNECTIONS[this.name];
    server.on('connection', (socket: Socket) => this.#sink.connections.accepted(socket));
    server.on('tlsClientError', () => this.#sink.connections.failed());
    server.on('secureConnection', (socket: TLSSocket) => this.#sink.connections.secured(this.name, socket));
    server.on('clientError', (error: Error, socket: Duplex) => this.#sink.refuse(error, socket));
    server.on('connect', (_request: IncomingMessage, socket: Duplex) => this.#sink.refuse(new Error('a tunnel was asked for'), socket));
    // Without this Node answers 417 by itself, past the log.
    server.on('checkExpectation', this.#sink.handle);
    server.listen({ host: this.#address.address, port: this.#address.port });
    await once(server, 'listening');
    this.#server = server;
    return boundOf(server);
  }

  /** Takes over a new certificate or new roots for the connections to come. */
  trust(trust: ListenerTrust): void {
    this.#server?.setSecureContext(this.#options(trust));
  }

  /** Stops accepting, lets requests in flight end for at most `graceMs`, then drops what is left. */
  async close(graceMs: number): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    const deadline = setTimeout(() => server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(deadline);
  }

  #options(trust: ListenerTrust): ServerOptions {
    return {
      key: trust.key,
      cert: trust.certificate,
      ca: [...trust.anchors],
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      ALPNProtocols: ['http/1.1'],
      sessionIdContext: `holdfast-${this.name}`,
      ticketKeys: this.#ticketKeys,
      secureOptions: constants.SSL_OP_NO_TICKET,
    };
  }
}

/**
 * `requireHostHeader` is off because Node would answer by itself, past the log: the edge checks. Headers that Node would drop when
 * they come twice are joined, so that a second one spoils the first instead of hiding behind it.
 */
const HTTP = { requireHostHeader: false, joinDuplicateHeaders: true, insecureHTTPParser: false } as const;

/** Of a server that listens on a port. */
export function boundOf(server: { address(): AddressInfo | string | null }): BoundAddress {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new TypeError('the listener has no address');
  return { address: bound.address, port: bound.port };
}

/** Both TLS listeners. */
export class Listeners {
  readonly workload: TlsListener;
  readonly operator: TlsListener;

  constructor(workload: TlsListener, operator: TlsListener) {
    this.workload = workload;
    this.operator = operator;
  }
}
