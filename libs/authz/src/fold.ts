import type { EntryDraft } from '#audit';
import { SERVER } from '#identity';

/** How long repeats of one access are counted before they become one entry. */
const WINDOW_MS = 60_000;
/** Different accesses that are told apart at a time; what comes beyond is counted together. */
const MOST_WINDOWS = 10_000;
const OVERFLOW = '';

type Repeats = EntryDraft & Required<Pick<EntryDraft, 'count' | 'first' | 'last'>>;

interface Window {
  readonly openedAt: number;
  repeats?: Repeats;
}

/**
 * Keeps repeated refusals from filling the disk. The first of its kind within a minute gets an entry of its own, at once; its
 * repeats are counted, and become one entry with the count and the times of the first and the last of them.
 */
export class Fold {
  readonly #windows = new Map<string, Window>();
  readonly #ended: EntryDraft[] = [];

  /** Whether this access gets an entry of its own now; if not, it has been counted. */
  admits(draft: EntryDraft): boolean {
    const now = Date.parse(draft.time);
    const key = keyOf(draft);
    const window = this.#windows.get(key);
    if (window && !isOpen(window, now)) this.#end(key, window);
    const isFirst = !this.#windows.has(key) && this.#windows.size < MOST_WINDOWS;
    if (isFirst) this.#windows.set(key, { openedAt: now });
    else this.count(draft);
    return isFirst;
  }

  /** Counts an access, or the many that a folded entry stands for: also those whose own entries could not be written. */
  count(draft: EntryDraft): void {
    const key = this.#windows.size < MOST_WINDOWS || this.#windows.has(keyOf(draft)) ? keyOf(draft) : OVERFLOW;
    const window = this.#windows.get(key) ?? { openedAt: Date.parse(draft.time) };
    window.repeats = add(window.repeats, key === OVERFLOW ? blurred(draft) : draft);
    this.#windows.set(key, window);
  }

  /** The entries of all windows that ended before `now` (epoch milliseconds), or of all there are. Each is handed out once. */
  take(now = Infinity): readonly EntryDraft[] {
    for (const [key, window] of this.#windows) if (!isOpen(window, now)) this.#end(key, window);
    return this.#ended.splice(0);
  }

  /** Milliseconds from `now` until the oldest window ends; undefined when none is open. */
  nextEnd(now: number): number | undefined {
    const [oldest] = this.#windows.values();
    return oldest && oldest.openedAt + WINDOW_MS - now;
  }

  #end(key: string, { repeats }: Window): void {
    this.#windows.delete(key);
    if (repeats) this.#ended.push({ ...repeats, time: repeats.last });
  }
}

/** A window is over a minute after it opened, and also when the clock was set back to before that. */
function isOpen({ openedAt }: Window, now: number): boolean {
  return now >= openedAt && now < openedAt + WINDOW_MS;
}

/** Repeats are those of one known caller on one thing, or those of strangers from one address. */
function keyOf({ caller, peer, action, resource, code = '' }: EntryDraft): string {
  return caller.kind === 'anonymous' ? `${peer} ${action} ${code}` : `${caller.kind} ${caller.id} ${action} ${resource} ${code}`;
}

function add(before: Repeats | undefined, draft: EntryDraft): Repeats {
  const { count = 1, first = draft.time, last = draft.time } = draft;
  if (!before) return { ...draft, count, first, last };
  return {
    ...before,
    resource: before.resource === draft.resource ? draft.resource : '**',
    count: before.count + count,
    first: first < before.first ? first : before.first,
    last: last > before.last ? last : before.last,
  };
}

/** What is left to say of an access when there are too many kinds to tell apart. */
function blurred({ time, requestId, count, first, last }: EntryDraft): EntryDraft {
  const caller = { kind: SERVER.kind, id: SERVER.id, method: SERVER.method, credential: '' };
  const what = { caller, peer: '', action: '', resource: '**', decision: 'none', outcome: 'refused', code: 'too_many_refusals' } as const;
  return { ...what, time, requestId, count, first, last };
}
