import type { EntryDraft } from '#audit';

/** Requests whose denial is remembered. */
const MOST = 2_048;

/**
 * The last denials by request id, in memory alone: of repeats within a minute the log has one entry, which can't hold everybody's id. Of a
 * request that was denied several things, the first.
 */
export class RecentDenials {
  readonly #byRequest = new Map<string, EntryDraft>();

  keep(denial: EntryDraft): void {
    if (this.#byRequest.has(denial.requestId)) return;
    if (this.#byRequest.size >= MOST) for (const oldest of this.#byRequest.keys()) return this.#replace(oldest, denial);
    this.#byRequest.set(denial.requestId, denial);
  }

  find(requestId: string): EntryDraft | undefined {
    return this.#byRequest.get(requestId);
  }

  #replace(oldest: string, denial: EntryDraft): void {
    this.#byRequest.delete(oldest);
    this.#byRequest.set(denial.requestId, denial);
  }
}
