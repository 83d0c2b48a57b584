import type { EntryDraft } from '#audit';
import type { Clock } from '#identity';
import type { Committer } from './committer.ts';
import { Fold } from './fold.ts';
import { RecentDenials } from './recent-denials.ts';

/** Writes the entries of what came to nothing, folded. */
export class Recorder {
  readonly #committer: Committer;
  readonly #clock: Clock;
  readonly #denials = new RecentDenials();
  /** Apart, so that strangers from many addresses take no room from who is known. */
  readonly #strangers = new Fold();
  readonly #known = new Fold();
  #timer: NodeJS.Timeout | undefined;

  constructor(committer: Committer, clock: Clock) {
    this.#committer = committer;
    this.#clock = clock;
  }

  /** Returns when the entry is durable or, for a repeat, counted. @throws what the committer throws; the access is counted then. */
  record(draft: EntryDraft): Promise<void> {
    return this.write(this.admit([draft]));
  }

  /** Those drafts that get an entry of their own now. The others are counted, and written within a minute or so. */
  admit(drafts: readonly EntryDraft[]): readonly EntryDraft[] {
    for (const draft of drafts) if (draft.outcome === 'denied') this.#denials.keep(draft);
    const own = drafts.filter((draft) => this.#foldOf(draft).admits(draft));
    this.#wake();
    return own;
  }

  /** What a recent request was denied, though its entry be one of many together; undefined for one too long ago. */
  denialOf(requestId: string): EntryDraft | undefined {
    return this.#denials.find(requestId);
  }

  /** Counts entries that were to be written and could not be. */
  missed(entries: readonly EntryDraft[]): void {
    for (const entry of entries) this.#foldOf(entry).count(entry);
    this.#wake();
  }

  /** Writes all that was counted so far. Called before the log closes. @throws what the committer throws; nothing is lost then. */
  flush(): Promise<void> {
    return this.write(this.#take());
  }

  async write(entries: readonly EntryDraft[]): Promise<void> {
    if (entries.length === 0) return;
    try {
      await this.#committer.commit({ expects: [], writes: [], entries });
    } catch (error) {
      this.missed(entries);
      throw error;
    }
  }

  #foldOf({ caller }: EntryDraft): Fold {
    return caller.kind === 'anonymous' ? this.#strangers : this.#known;
  }

  #take(now?: number): readonly EntryDraft[] {
    return [...this.#strangers.take(now), ...this.#known.take(now)];
  }

  #wake(): void {
    if (this.#timer) return;
    const now = this.#clock.now().getTime();
    const nextEnd = Math.min(this.#strangers.nextEnd(now), this.#known.nextEnd(now));
    if (nextEnd === Infinity) return;
    this.#timer = setTimeout(() => this.#sweep(), Math.max(nextEnd, 1_000));
    this.#timer.unref();
  }

  #sweep(): void {
    this.#timer = undefined;
    // What could not be written is counted again, and tried again when its window ends.
    this.write(this.#take(this.#clock.now().getTime())).catch(() => undefined);
    this.#wake();
  }
}
