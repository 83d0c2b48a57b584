/** How often: a bucket that holds `burst` requests and fills at `perSecond`. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/**
 * What one caller gets of one route, by what a request costs. Each is more than any use that we know of, and less than what would fill the
 * machine or the disk: none is there to be met.
 */
export const PER_CALLER = {
  /** The main job. One process answers fewer on two cores: one workload may have them all, and a thousand that start ask for a few each. */
  read: { perSecond: 20_000, burst: 100_000 },
  /** Up to 1,000 entries each. */
  bundle: { perSecond: 1_000, burst: 5_000 },
  /** A commit each. An import of 50,000 goes through at once, and a longer one no slower than disks commit. */
  write: { perSecond: 10_000, burst: 50_000 },
  /** A look at one thing that is small. */
  look: { perSecond: 1_000, burst: 10_000 },
  /** A page may read 2,000 rows. Two thousand pages of 1,000 names are two million names. */
  list: { perSecond: 200, burst: 2_000 },
  /** What changes rights: everything that is decided is decided anew afterwards. A whole fleet's roles or tokens go through at once. */
  administer: { perSecond: 500, burst: 10_000 },
  /** Reads all of something: the log, every secret, every role. */
  costly: { perSecond: 1, burst: 30 },
  /** A key operation for oneself, a few times an hour. A loop that has gone wrong gets no more. */
  renew: { perSecond: 1, burst: 30 },
  /** Once in a while, by a person. */
  rare: { perSecond: 5, burst: 100 },
} as const satisfies Record<string, RateLimit>;

/** What all who are nobody yet get of one route from one address (of IPv6: from one /64). */
export const PER_ADDRESS = {
  /** A thousand containers behind one address that join at once, each twice. */
  join: { perSecond: 50, burst: 2_000 },
  /** A password or a key, which cost a hash each. An office behind one address signs in at nine. */
  guess: { perSecond: 1, burst: 60 },
  /** Whether the server is there. */
  look: { perSecond: 20, burst: 500 },
  /** A large answer that doesn't change. */
  document: { perSecond: 2, burst: 60 },
} as const satisfies Record<string, RateLimit>;

/**
 * What one address gets before it is known who asks, whatever for: a request without a credential, and one whose credential turns out to
 * be none. Apart, so that strangers take nothing from those who have one; what does prove somebody is given back.
 */
export const UNPROVEN = {
  without: { perSecond: 100, burst: 2_500 },
  with: { perSecond: 100, burst: 1_000 },
} as const satisfies Record<string, RateLimit>;

/** Of one caller's requests that lead to no route. */
export const ASTRAY: RateLimit = { perSecond: 20, burst: 500 };
