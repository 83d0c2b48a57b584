import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Action } from '#authz';
import type { RouteName } from '#contract';
import { VERSION } from './version.ts';

/** Seconds left, by what ends. */
type SecondsLeft = ReadonlyMap<string, number>;

/** Whose rate was exceeded. */
export type LimitedBy = 'caller' | 'address';

/** What the gauges ask when they are scraped. */
export interface Observed {
  sealed(): boolean;
  /** Whether what is to be recorded can be. */
  writable(): boolean;
  /** Accesses so far that rested on an approval, by action. */
  approved(): ReadonlyMap<Action, number>;
  /** Until the first of each kind ends. */
  secondsLeft(): SecondsLeft;
}

/** Prometheus metrics. Every label is of a closed set, so that no request can add a series, and none is made from what a request says. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<'route' | 'status'>;
  readonly #limited: Counter<'route' | 'by'>;
  /** By status, then by route: prom-client hashes labels on each call otherwise. */
  readonly #series = new Map<number, Map<RouteName | undefined, Counter.Internal>>();

  constructor(observed: Observed) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: 100 });
    this.#requests = new Counter({
      name: 'holdfast_requests_total',
      help: 'Answered requests',
      labelNames: ['route', 'status'],
      registers,
    });
    this.#limited = new Counter({
      name: 'holdfast_requests_limited_total',
      help: 'Requests refused because their caller, or before that their address, had asked too often',
      labelNames: ['route', 'by'],
      registers,
    });
    const sealed = new Gauge({
      name: 'holdfast_sealed',
      help: 'Whether the server is sealed',
      registers,
      collect(): void {
        sealed.set(observed.sealed() ? 1 : 0);
      },
    });
    const writable = new Gauge({
      name: 'holdfast_storage_writable',
      help: 'Whether the database takes entries; while it does not, no secret is given out',
      registers,
      collect(): void {
        writable.set(observed.writable() ? 1 : 0);
      },
    });
    const approved = new Counter({
      name: 'holdfast_approved_accesses_total',
      help: 'Accesses that rested on the approval of a second operator',
      labelNames: ['action'],
      registers,
      collect(): void {
        approved.reset();
        for (const [action, count] of observed.approved()) approved.inc({ action }, count);
      },
    });
    const expiry = new Gauge({
      name: 'holdfast_expiry_seconds',
      help: 'Seconds until the first certificate or revocation list of a kind ends; negative once it has',
      labelNames: ['kind'],
      registers,
      collect(): void {
        expiry.reset();
        for (const [kind, seconds] of observed.secondsLeft()) expiry.set({ kind }, seconds);
      },
    });
    const build = new Gauge({ name: 'holdfast_build_info', help: 'Version of the server', labelNames: ['version'], registers });
    build.set({ version: VERSION }, 1);
  }

  /** A request was answered. It is on every request's way. */
  answered(route: RouteName | undefined, status: number): void {
    (this.#series.get(status)?.get(route) ?? this.#seriesOf(route, status)).inc();
  }

  /** A request came too soon after the others of its caller or its address. */
  limited(route: RouteName | undefined, by: LimitedBy): void {
    this.#limited.inc({ route: route ?? 'none', by });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #seriesOf(route: RouteName | undefined, status: number): Counter.Internal {
    const series = this.#requests.labels({ route: route ?? 'none', status: String(status) });
    const ofStatus = this.#series.get(status) ?? new Map<RouteName | undefined, Counter.Internal>();
    this.#series.set(status, ofStatus.set(route, series));
    return series;
  }
}
