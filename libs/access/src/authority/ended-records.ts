import type { RowWrite } from '#authz';
import type { Clock } from '#identity';
import type { Authority } from './authority.ts';
import { lineSubject } from '../trust/revocations.ts';

const EVERY_MS = 30_000;
/** A clock that is set back a little must not meet a certificate whose line is forgotten. */
const GRACE_MS = 300_000;
/** Removed at once: more than can be made in that time, and no more than a commit bears. */
const MOST = 1_000;

/**
 * What nothing can be done with any more: tokens, what they got, and lines of which no certificate is left, with their locks. It goes with
 * somebody's first certificate, which is what makes more of it; now and then only, so that two seldom clear the same.
 */
export class EndedRecords {
  readonly #authority: Authority;
  readonly #clock: Clock;
  #next = 0;

  constructor(authority: Authority, clock: Clock) {
    this.#authority = authority;
    this.#clock = clock;
  }

  /** The removals that are due. */
  take(): readonly RowWrite[] {
    const now = this.#clock.now().getTime();
    if (now < this.#next) return [];
    this.#next = now + EVERY_MS;
    const ended = new Date(now - GRACE_MS).toISOString();
    return [...this.#lines(ended), ...this.#uses(ended)].slice(0, MOST);
  }

  #lines(ended: string): RowWrite[] {
    const lines = this.#authority.all('certificate-line').filter(({ body }) => body.expiresAt < ended);
    return lines.slice(0, MOST).flatMap((line) => {
      const lock = this.#authority.find('revocation', lineSubject(line.body.id));
      return [
        ...(lock === undefined ? [] : [this.#authority.remove('revocation', lock)]),
        this.#authority.remove('certificate-line', line),
      ];
    });
  }

  #uses(ended: string): RowWrite[] {
    const uses = this.#authority.all('jwt-use').filter(({ body }) => body.expiresAt < ended);
    return uses.slice(0, MOST).map((use) => this.#authority.remove('jwt-use', use));
  }
}
