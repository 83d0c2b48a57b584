import { X509Certificate } from 'node:crypto';
import type { Authority } from '#access';
import type { Clock, TrustBundle } from '#identity';
import { UnsealedPart } from '#keys';
import type { Log } from './log.ts';
import type { ServerCertificate } from './server-certificate.ts';

/** What ends by itself and takes something with it. */
const EXPIRY_KINDS = ['server_certificate', 'issuing_ca', 'trust_bundle', 'crl'] as const;
export type ExpiryKind = (typeof EXPIRY_KINDS)[number];

interface Expiry {
  readonly kind: ExpiryKind;
  /** The trust domain, or `server`. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** Whether it is time to do something about it. */
  readonly due: boolean;
}

const DAY_MS = 86_400_000;
const LOOK_EVERY_MS = 3_600_000;
/** With a quarter of its life left, but not more than a month ahead. */
const DUE_PART = 4;
const DUE_MS = 30 * DAY_MS;

/** Knows when CAs, revocation lists and the server's certificate end, and says so in the log, once a day for each kind, while there is time. */
export class ExpiryWatch extends UnsealedPart {
  readonly #authority: Authority;
  readonly #certificate: ServerCertificate;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #saidAt = new Map<ExpiryKind, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(authority: Authority, certificate: ServerCertificate, clock: Clock, log: Log) {
    super();
    this.#authority = authority;
    this.#certificate = certificate;
    this.#clock = clock;
    this.#log = log;
  }

  override unsealed(): Promise<void> {
    this.look();
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
    return Promise.resolve();
  }

  override sealing(): Promise<void> {
    clearInterval(this.#timer);
    return Promise.resolve();
  }

  /** All that ends, the first first. */
  expiries(): readonly Expiry[] {
    const bundles = [...this.#authority.trustBundles].flatMap((bundle) => this.#ofBundle(bundle));
    return [...this.#ofServer(), ...bundles].toSorted((a, b) => a.until - b.until);
  }

  /** What those have to see who look after the server: the first of each kind, and whatever is due, a hundred at most. */
  notable(): readonly Expiry[] {
    const all = this.expiries();
    const first = new Set(EXPIRY_KINDS.map((kind) => all.find((each) => each.kind === kind)));
    return all.filter((each) => each.due || first.has(each)).slice(0, 100);
  }

  /** Seconds until the first of each kind ends; negative once it has. */
  secondsLeft(): ReadonlyMap<ExpiryKind, number> {
    const now = this.#clock.now().getTime();
    const latestFirst = this.expiries().toReversed();
    return new Map(latestFirst.map(({ kind, until }) => [kind, (until - now) / 1000]));
  }

  /** Says what is due, unless it was said within a day. */
  look(): void {
    const now = this.#clock.now().getTime();
    for (const kind of EXPIRY_KINDS) {
      const due = this.expiries().filter((each) => each.kind === kind && each.due);
      const [first] = due;
      if (first === undefined || now - (this.#saidAt.get(kind) ?? -Infinity) < DAY_MS) continue;
      this.#saidAt.set(kind, now);
      this.#log.warn(first.until < now ? 'expired' : 'expiring', { kind, until: new Date(first.until).toISOString(), count: due.length });
    }
  }

  #ofServer(): Expiry[] {
    const { current } = this.#certificate;
    if (current === undefined) return [];
    const leaf = new X509Certificate(current.certificate);
    return [this.#expiry('server_certificate', 'server', leaf.validFromDate.getTime(), leaf.validToDate.getTime())];
  }

  #ofBundle({ trustDomain, certificates, lists }: TrustBundle): Expiry[] {
    const own = trustDomain === this.#authority.ownTrustDomain ? this.#authority.issuing.certificatePem.replaceAll(/\s/g, '') : '';
    const kindOf = (certificate: X509Certificate): ExpiryKind =>
      certificate.toString().replaceAll(/\s/g, '') === own ? 'issuing_ca' : 'trust_bundle';
    return [
      ...certificates.map((each) => this.#expiry(kindOf(each), trustDomain, each.validFromDate.getTime(), each.validToDate.getTime())),
      ...lists.map(({ list }) => this.#expiry('crl', trustDomain, list.thisUpdate, list.nextUpdate)),
    ];
  }

  #expiry(kind: ExpiryKind, name: string, from: number, until: number): Expiry {
    return { kind, name, until, due: until - this.#clock.now().getTime() < Math.min(DUE_MS, (until - from) / DUE_PART) };
  }
}
