import { Attempts, type Clock } from '#identity';

const MINUTE_MS = 60_000;
/** On one name from one address (PCI DSS 8.3.4, SP 800-63B-4 §3.2.2). */
const ON_NAME_FROM_PEER = { free: 10 };
/** From one address, whatever the name: fewer than may wait to be checked, so that no address fills the queue alone. */
const FROM_PEER = { free: 15, longestWaitMs: MINUTE_MS };
/** On one name, from wherever: what is beyond it is guessing at that name from many addresses. */
const ON_NAME = { free: 100, longestWaitMs: MINUTE_MS };
/** What an address that never got in may do about a name while that lasts: one try a minute, the first at once. */
const STRANGER_ON_NAME = { free: 1, firstWaitMs: MINUTE_MS, longestWaitMs: MINUTE_MS };
/** Codes of a second factor, on one name from wherever its password is known: a code is one of a million. */
const CODES = { free: 5 };
/** Pairs of a name and an address that are remembered for having got in; beyond it the one longest ago is forgotten. */
const MOST_KNOWN = 1_000;

/**
 * How often who may try. Guessing is slow from one address and from many, and nobody is locked out by what others do: an address
 * from which a name got in answers for itself alone, and any other has its own try each minute.
 */
export class SignInPace {
  readonly #onNameFromPeer: Attempts;
  readonly #fromPeer: Attempts;
  readonly #onName: Attempts;
  readonly #strangerOnName: Attempts;
  readonly #codes: Attempts;
  readonly #known = new Set<string>();

  constructor(clock: Clock) {
    this.#onNameFromPeer = new Attempts(ON_NAME_FROM_PEER, clock);
    this.#fromPeer = new Attempts(FROM_PEER, clock);
    this.#onName = new Attempts(ON_NAME, clock);
    this.#strangerOnName = new Attempts(STRANGER_ON_NAME, clock);
    this.#codes = new Attempts(CODES, clock);
  }

  /** Whether this try may begin now; if so, it counts. */
  begin(name: string, peer: string): boolean {
    const pair = pairOf(name, peer);
    if (this.#known.has(pair)) return this.#onNameFromPeer.begin(pair);
    if (!this.#fromPeer.begin(peer) || !this.#onNameFromPeer.begin(pair)) return false;
    return this.#onName.begin(name) || this.#strangerOnName.begin(pair);
  }

  /** The same for a code, once the password was right. An address from which the name got in before answers for itself alone. */
  beginCode(name: string, peer: string): boolean {
    const pair = pairOf(name, peer);
    return this.#codes.begin(this.#known.has(pair) ? pair : name);
  }

  /** The right password was given: what came before is forgotten, and the address is known. */
  succeeded(name: string, peer: string): void {
    const pair = pairOf(name, peer);
    this.#onNameFromPeer.succeeded(pair);
    this.#fromPeer.succeeded(peer);
    this.#onName.succeeded(name);
    this.#strangerOnName.succeeded(pair);
    this.#codes.succeeded(this.#known.has(pair) ? pair : name);
    this.#remember(pair);
  }

  #remember(pair: string): void {
    this.#known.delete(pair);
    this.#known.add(pair);
    const [oldest] = this.#known;
    if (oldest !== undefined && this.#known.size > MOST_KNOWN) this.#known.delete(oldest);
  }
}

function pairOf(name: string, peer: string): string {
  return `${name} ${peer}`;
}
