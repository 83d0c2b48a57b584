import type { Clock } from '#identity';
import type { ProviderRecord } from './provider-record.ts';

/** Long enough for somebody who looks for their second factor. */
const LIFE_MS = 10 * 60_000;
/** Sign-ins under way at a time: of one address, and of all. */
const MOST_OF_ONE = 16;
const MOST = 2_000;

/** A sign-in that somebody has begun at a provider. What is secret in it never leaves the server but to the provider itself. */
export interface Flow {
  /** As it was on record then: what has changed since finishes nothing. */
  readonly provider: ProviderRecord;
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE (RFC 7636). */
  readonly verifier: string;
}

interface Begun extends Flow {
  readonly peer: string;
  readonly until: number;
}

/**
 * Sign-ins under way, in memory: a restart or ten minutes end them. Strangers begin them, so the number is bounded, and whoever
 * begins too many pushes out their own first (vulnerabilities.md, F11).
 */
export class SignInFlows {
  readonly #clock: Clock;
  /** By the hash of the token that whoever began has, oldest first. */
  readonly #flows = new Map<string, Begun>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Until when it can be finished. */
  begin(id: string, flow: Flow, peer: string): Date {
    const now = this.#clock.now().getTime();
    this.#makeRoom(peer, now);
    const until = now + LIFE_MS;
    this.#flows.set(id, { ...flow, peer, until });
    return new Date(until);
  }

  /** The flow, this once: whoever asks for it again, whatever came of it, gets nothing. */
  take(id: string): Flow | undefined {
    const flow = this.#flows.get(id);
    this.#flows.delete(id);
    return flow !== undefined && this.#clock.now().getTime() < flow.until ? flow : undefined;
  }

  get size(): number {
    return this.#flows.size;
  }

  #makeRoom(peer: string, now: number): void {
    const own: string[] = [];
    for (const [id, flow] of this.#flows) {
      if (now >= flow.until) this.#flows.delete(id);
      else if (flow.peer === peer) own.push(id);
    }
    const [oldest] = own.length >= MOST_OF_ONE ? own : this.#flows.size >= MOST ? this.#flows.keys() : [];
    if (oldest !== undefined) this.#flows.delete(oldest);
  }
}
