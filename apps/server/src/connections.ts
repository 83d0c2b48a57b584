import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Principal } from '#identity';

/** Which of the two TLS listeners a connection came in by. */
export type ListenerName = 'workload' | 'operator';

/** What is known of one connection. The caller is derived once and again only when what it was derived from has changed. */
export class Connection {
  readonly listener: ListenerName;
  readonly peer: string;
  /** Requests whose answer is not out yet. While there are any, nothing may be written past them. */
  pending = 0;
  /** What came in could be read in two ways: after the answer that says so, nothing of it is read any more. */
  spoiled = false;
  /** The request that came in last. Its body may still be on its way. */
  reading: IncomingMessage | undefined;
  caller: Principal | undefined;
  /** The authority's revision that `caller` was derived at, and when its certificate ends (milliseconds since the epoch). */
  revision = -1;
  callerUntil = 0;

  constructor(listener: ListenerName, socket: { readonly remoteAddress?: string }) {
    this.listener = listener;
    this.peer = socket.remoteAddress ?? '';
  }
}

/** A handshake this old is no longer taken for one of a storm, so that a peer that never ends its own can't slow others. */
const STORM_MS = 20;

/** The connections of both listeners. */
export class Connections {
  readonly #known = new WeakMap<Duplex, Connection>();
  #handshakes = 0;
  #lastAccepted = -Infinity;

  /** A peer has connected and is about to shake hands: `secured` or `failed` follows. */
  accepted(): void {
    this.#handshakes += 1;
    this.#lastAccepted = performance.now();
  }

  /** The handshake has come to nothing. */
  failed(): void {
    this.#handshakes -= 1;
  }

  secured(listener: ListenerName, socket: TLSSocket): void {
    this.#handshakes -= 1;
    this.#known.set(socket, new Connection(listener, socket));
  }

  of(socket: Duplex): Connection | undefined {
    return this.#known.get(socket);
  }

  /** How many peers are about to ask, so that a commit may wait a moment for their company. */
  expecting(): number {
    return performance.now() - this.#lastAccepted < STORM_MS ? this.#handshakes : 0;
  }
}
