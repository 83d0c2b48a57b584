import type { SessionRecord } from '../authority/records.ts';

/** A session that is not used for this long has ended (PCI DSS 8.2.8, ASVS 7.3.1). */
export const IDLE_MS = 15 * 60_000;

/** No session lives longer, however busy. */
export const ABSOLUTE_MS = 12 * 3_600_000;

/** When sessions were last used. In memory only: after a restart a session's idle time counts from when it was issued. */
export class SessionUse {
  readonly #lastUsed = new WeakMap<SessionRecord, number>();

  /** Epoch milliseconds. */
  lastUsed(session: SessionRecord): number {
    return this.#lastUsed.get(session) ?? Date.parse(session.issuedAt);
  }

  used(session: SessionRecord, now: number): void {
    this.#lastUsed.set(session, Math.max(now, this.lastUsed(session)));
  }

  /** Whether it has ended by its age, or because nobody used it. */
  hasEnded(session: SessionRecord, now: number): boolean {
    return now >= Date.parse(session.expiresAt) || now - this.lastUsed(session) >= IDLE_MS;
  }
}
