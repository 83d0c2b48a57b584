import type { EntryDraft } from '#audit';
import { SERVER } from '#identity';

/** How long repeats of one access are counted before they become one entry. */
const WINDOW_MS = 60_000;
/** Kinds of access of one caller, or of strangers from one address, that are told apart at a time. */
const MOST_OF_ONE = 100;
/** Those of all together: only what comes beyond this is counted without a name. */
const MOST_WINDOWS = 10_000;

type Repeats = EntryDraft & Required<Pick<EntryDraft, 'count' | 'first' | 'last'>>;

interface Window {
  readonly openedAt: number;
  /** Whose share of the windows it takes. */
  readonly of?: string;
  repeats?: Repeats;
}

/**
 * Keeps repeated refusals from filling the disk. The first of its kind within a minute gets an entry of its own, at once; its
 * repeats are counted, and become one entry with the count and the times of the first and the last of them. Whoever asks for too many
 * kinds of thing has the rest of them counted by action and code, and takes nobody else's room.
 */
export class Fold {
  readonly #windows = new Map<string, Window>();
  readonly #shares = new Map<string, number>();
  readonly #ended: EntryDraft[] = [];

  /** Whether this access gets an entry of its own now; if not, it has been counted. */
  admits(draft: EntryDraft): boolean {
    const now = Date.parse(draft.time);
    const key = keyOf(draft);
    const window = this.#windows.get(key);
    if (window && !isOpen(window, now)) this.#end(key, window);
    this.#endOldest(now);
    const isFirst = !this.#windows.has(key) && this.#hasRoomFor(whoOf(draft));
    if (isFirst) this.#open(key, { openedAt: now, of: whoOf(draft) });
    else this.count(draft);
    return isFirst;
  }

  /** Counts an access, or the many that a folded entry stands for: also those whose own entries could not be written. */
  count(draft: EntryDraft): void {
    const who = whoOf(draft);
    const wide = widened(draft);
    if (this.#windows.has(keyOf(draft)) || this.#hasRoomFor(who)) this.#add(draft, who);
    else if (this.#windows.has(keyOf(wide)) || this.#windows.size < MOST_WINDOWS) this.#add(wide);
    else this.#add(blurred(draft));
  }

  /** The entries of all windows that ended before `now` (epoch milliseconds), or of all there are. Each is handed out once. */
  take(now = Infinity): readonly EntryDraft[] {
    for (const [key, window] of this.#windows) if (!isOpen(window, now)) this.#end(key, window);
    return this.#ended.splice(0);
  }

  /** Milliseconds from `now` until the oldest window ends; Infinity when none is open. */
  nextEnd(now: number): number {
    const [oldest] = this.#windows.values();
    return oldest ? oldest.openedAt + WINDOW_MS - now : Infinity;
  }

  #hasRoomFor(who: string): boolean {
    return this.#windows.size < MOST_WINDOWS && (this.#shares.get(who) ?? 0) < MOST_OF_ONE;
  }

  #add(draft: EntryDraft, of?: string): void {
    const key = keyOf(draft);
    const window = this.#windows.get(key) ?? this.#open(key, { openedAt: Date.parse(draft.time), of });
    window.repeats = add(window.repeats, draft);
  }

  #open(key: string, window: Window): Window {
    this.#windows.set(key, window);
    if (window.of !== undefined) this.#shares.set(window.of, (this.#shares.get(window.of) ?? 0) + 1);
    return window;
  }

  /** Windows lie in the order they were opened: what is over makes room, however long nobody took it. */
  #endOldest(now: number): void {
    for (const [key, window] of this.#windows) {
      if (isOpen(window, now)) return;
      this.#end(key, window);
    }
  }

  #end(key: string, { of, repeats }: Window): void {
    this.#windows.delete(key);
    if (repeats) this.#ended.push({ ...repeats, time: repeats.last });
    if (of === undefined) return;
    const share = (this.#shares.get(of) ?? 0) - 1;
    if (share > 0) this.#shares.set(of, share);
    else this.#shares.delete(of);
  }
}

/** A window is over a minute after it opened, and also when the clock was set back to before that. */
function isOpen({ openedAt }: Window, now: number): boolean {
  return now >= openedAt && now < openedAt + WINDOW_MS;
}

/** One known caller, or the strangers from one address. */
function whoOf({ caller, peer }: EntryDraft): string {
  return caller.kind === 'anonymous' ? `anonymous ${peer}` : `${caller.kind} ${caller.id}`;
}

/** Repeats are those of one known caller on one thing, or those of strangers from one address, whatever they ask for. */
function keyOf(draft: EntryDraft): string {
  const { caller, action, resource, code = '' } = draft;
  return `${whoOf(draft)} ${action} ${caller.kind === 'anonymous' ? '' : resource} ${code}`;
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

/** What is left to say of one of the many things that one caller asks for. */
function widened(draft: EntryDraft): EntryDraft {
  return { ...draft, resource: '**', version: undefined, rule: undefined };
}

/** What is left to say of an access when there are too many callers to tell apart. */
function blurred({ time, requestId, count, first, last }: EntryDraft): EntryDraft {
  const caller = { kind: SERVER.kind, id: SERVER.id, method: SERVER.method, credential: '' };
  const what = { caller, peer: '', action: '', resource: '**', decision: 'none', outcome: 'refused', code: 'too_many_refusals' } as const;
  return { ...what, time, requestId, count, first, last };
}
