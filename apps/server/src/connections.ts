import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Principal } from '#identity';
import { networkOf } from './network-of.ts';

/** Which of the two TLS listeners a connection came in by. */
export type ListenerName = 'workload' | 'operator';

/** What is known of one connection. The caller is derived once and again only when what it was derived from has changed. */
export class Connection {
  readonly listener: ListenerName;
  readonly peer: string;
  /** Whose address the peer's is. */
  readonly network: string;
  /** Whether it came with a certificate that OpenSSL verified. */
  readonly vouchedFor: boolean;
  /** Whether a request is in hand, and what begins those that wait for it, where requests are handled one at a time. */
  busy = false;
  readonly waiting: (() => void)[] = [];
  /** Requests whose answer is not out yet. While there are any, nothing may be written past them. */
  pending = 0;
  /** What came in could be read in two ways: after the answer that says so, nothing of it is read any more. */
  spoiled = false;
  /** The request that came in last. Its body may still be on its way. */
  reading: IncomingMessage | undefined;
  caller: Principal | undefined;
  /** A look at its certificate is free of the limits of its address: the first one, and one more after each that was a good one. */
  freeLook: boolean;
  /** The authority's revision that `caller` was derived at, and when its certificate ends (milliseconds since the epoch). */
  revision = -1;
  callerUntil = 0;

  constructor(listener: ListenerName, socket: { readonly remoteAddress?: string; readonly authorized?: boolean }) {
    this.listener = listener;
    this.peer = socket.remoteAddress ?? '';
    this.network = networkOf(this.peer);
    this.vouchedFor = socket.authorized === true;
    this.freeLook = this.vouchedFor;
  }
}

/** A handshake this old is no longer taken for one of a storm, so that a peer that never ends its own can't slow others. */
const STORM_MS = 20;
/** Connections of one address (of IPv6: of one /64) that no certificate vouches for, or not yet. */
export const MOST_STRANGERS = 256;

/** The connections of both listeners. */
export class Connections {
  readonly #known = new WeakMap<Duplex, Connection>();
  /** By network, how many connections nobody vouches for. */
  readonly #strangers = new Map<string, number>();
  #handshakes = 0;
  #lastAccepted = -Infinity;

  /** A peer has connected and is about to shake hands: `secured` or `failed` follows, also where it has too many and is dropped here. */
  accepted(socket: Socket): void {
    this.#handshakes += 1;
    this.#lastAccepted = performance.now();
    const network = networkOf(socket.remoteAddress ?? '');
    this.#count(network, 1);
    socket.once('close', () => this.#count(network, -1));
    if (this.#strangersFrom(network) > MOST_STRANGERS) socket.destroy();
  }

  /** The handshake has come to nothing. */
  failed(): void {
    this.#handshakes -= 1;
  }

  secured(listener: ListenerName, socket: TLSSocket): void {
    this.#handshakes -= 1;
    const connection = new Connection(listener, socket);
    this.#known.set(socket, connection);
    if (!connection.vouchedFor) return;
    this.#count(connection.network, -1);
    socket.once('close', () => this.#count(connection.network, 1));
  }

  of(socket: Duplex): Connection | undefined {
    return this.#known.get(socket);
  }

  /** How many peers are about to ask, so that a commit may wait a moment for their company. */
  expecting(): number {
    return performance.now() - this.#lastAccepted < STORM_MS ? this.#handshakes : 0;
  }

  #strangersFrom(network: string): number {
    return this.#strangers.get(network) ?? 0;
  }

  #count(network: string, more: 1 | -1): void {
    const count = this.#strangersFrom(network) + more;
    if (count === 0) this.#strangers.delete(network);
    else this.#strangers.set(network, count);
  }
}
