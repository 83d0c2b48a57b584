import { ASTRAY, ROUTES, UNPROVEN, type RateLimit, type Route, type RouteName } from '#contract';
import type { Principal } from '#identity';
import type { Settings } from '#settings';
import type { LimitedBy, Metrics } from '../metrics.ts';
import { bucketRow, Buckets, type BucketRow } from './buckets.ts';
import type { Exchange } from './exchange.ts';
import { Refusal } from './refusal.ts';

/** Callers, and apart from them networks, that are told apart at a time: about 25 MiB in all. */
const MOST_KEYS = 20_000;

type Asked = RouteName | undefined;

/**
 * How often each may ask, by the rows of the contract's table: a caller by who it is, on all of its connections together, and whoever is not
 * known yet by their address. Callers and addresses lie apart, so that no number of strangers makes the server forget a caller's bucket.
 *
 * Time is the machine's monotonic one: setting the clock frees nobody and keeps nobody out.
 */
export class RateLimits {
  readonly #metrics: Pick<Metrics, 'limited'>;
  readonly #now: () => number;
  readonly #callerRows: ReadonlyMap<Asked, BucketRow>;
  readonly #strangerRows: ReadonlyMap<Asked, BucketRow>;
  readonly #with: BucketRow;
  readonly #without: BucketRow;
  readonly #callers: Buckets;
  readonly #strangers: Buckets;

  constructor({ perCaller, perAddress }: Settings['limits'], metrics: Pick<Metrics, 'limited'>, now = () => performance.now()) {
    this.#metrics = metrics;
    this.#now = now;
    this.#callerRows = rowsOf([[undefined, ASTRAY], ...routes().map(([name, { limit }]) => [name, limit] as const)], perCaller);
    this.#strangerRows = rowsOf(routes().flatMap(strangersOf), perAddress);
    this.#with = bucketRow(this.#strangerRows.size, UNPROVEN.with, perAddress);
    this.#without = bucketRow(this.#strangerRows.size + 1, UNPROVEN.without, perAddress);
    this.#callers = new Buckets(this.#callerRows.size, MOST_KEYS);
    this.#strangers = new Buckets(this.#strangerRows.size + 2, MOST_KEYS);
  }

  /** A known caller asks for a route. It is on every request's way. @throws Refusal `too_many_requests` */
  ofCaller(exchange: Exchange, caller: Principal, route: Asked): void {
    const row = this.#callerRows.get(route);
    if (row === undefined) return;
    const wait = this.#callers.take(keyOf(caller), row, this.#now());
    if (wait === 0) return;
    exchange.caller = caller;
    this.#refuse(exchange, route, 'caller', wait);
  }

  /**
   * Somebody asks of whom nothing is known yet. The first look at a certificate that OpenSSL verified is free: the handshake has cost more,
   * and a thousand containers behind one address must all get in. @throws Refusal `too_many_requests`
   */
  ofUnproven(exchange: Exchange, route: Asked): void {
    const { connection, headers } = exchange;
    if (connection.freeLook) {
      connection.freeLook = false;
      return;
    }
    const row = connection.vouchedFor || headers.authorization !== undefined ? this.#with : this.#without;
    const wait = this.#strangers.take(connection.network, row, this.#now());
    if (wait > 0) this.#refuse(exchange, route, 'address', wait);
  }

  /** It turned out to be a caller, who is counted as one; for a session the address has its request back. @throws Refusal `too_many_requests` */
  proven(exchange: Exchange, caller: Principal): void {
    if (exchange.headers.authorization !== undefined) this.#strangers.giveBack(exchange.connection.network, this.#with);
    this.ofCaller(exchange, caller, exchange.route);
  }

  /** It stays nobody, on a route that is open to nobody. @throws Refusal `too_many_requests` */
  ofStranger(exchange: Exchange): void {
    const row = this.#strangerRows.get(exchange.route);
    const wait = row === undefined ? 0 : this.#strangers.take(exchange.connection.network, row, this.#now());
    if (wait > 0) this.#refuse(exchange, exchange.route, 'address', wait);
  }

  #refuse(exchange: Exchange, route: Asked, by: LimitedBy, wait: number): never {
    exchange.route = route;
    this.#metrics.limited(route, by);
    const seconds = String(Math.ceil(wait / 1_000));
    throw new Refusal('too_many_requests', { hint: `ask again in ${seconds} s`, headers: { 'retry-after': seconds } });
  }
}

/** A workload's id is a URI and an operator's is none, so that no two callers share a key. */
function keyOf({ id }: Principal): string {
  return id;
}

function routes(): readonly (readonly [RouteName, Route])[] {
  return Object.entries<Route>(ROUTES) as [RouteName, Route][];
}

function strangersOf([name, route]: readonly [RouteName, Route]): (readonly [RouteName, RateLimit])[] {
  return route.anonymous ? [[name, route.strangers]] : [];
}

function rowsOf(limits: readonly (readonly [Asked, RateLimit])[], scale: number): ReadonlyMap<Asked, BucketRow> {
  return new Map(limits.map(([name, limit], at) => [name, bucketRow(at, limit, scale)]));
}
