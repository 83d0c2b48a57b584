import { setImmediate } from 'node:timers/promises';
import type { Action, May, MayBelow, Reader, Row } from '#authz';
import { namespaceOf } from './secret-path.ts';
import type { SecretRecords, StoredHead } from './secret-records.ts';

/** Rows read at a time: few where the walk may turn off at the first of them, and more the longer it goes straight on. */
const FIRST_ROWS = 8;
const MOST_ROWS = 200;

/** Where to walk, and for whom. */
export interface WalkPlan {
  readonly reader: Reader;
  readonly action: Action;
  readonly may: May;
  readonly below: MayBelow;
  /** '' for everything. */
  readonly prefix: string;
  /** Where an earlier walk was; '' to begin. */
  readonly after: string;
  /** How many rows to read at most. */
  readonly budget: number;
}

/**
 * A walk through the secrets below a prefix, in the order of their blind index, which shows only what the caller may see. A subtree out
 * of the caller's reach costs one look, however large it is.
 */
export class HeadWalk {
  readonly #records: SecretRecords;
  readonly #plan: WalkPlan;
  readonly #reachable = new Set<string>();
  #position: string;
  #left: number;
  #ended = false;

  constructor(records: SecretRecords, plan: WalkPlan) {
    this.#records = records;
    this.#plan = plan;
    this.#position = plan.after;
    this.#left = plan.budget;
  }

  /** Where the walk is, for another one to go on. */
  get position(): string {
    return this.#position;
  }

  /** Whether there was nothing left, rather than no budget. */
  get ended(): boolean {
    return this.#ended;
  }

  async *heads(): AsyncGenerator<StoredHead> {
    for (const root of this.#roots()) {
      for await (const row of this.#rows(root)) {
        const head = this.#records.foundHead(namespaceOf(root), row);
        if (this.#plan.may(this.#plan.action, head.path, head.labels)) yield head;
        else this.#leaveUnreachable(head.path);
      }
    }
    this.#ended = this.#left > 0;
  }

  /** Goes on after all that lies below a prefix of the path last seen. */
  leave(subtree: string): void {
    this.#position = endOf(this.#records.indexOf(subtree));
  }

  /** The rows below a root, from the position on; the position moves with them. */
  async *#rows(root: string): AsyncGenerator<Row> {
    const prefix = `${this.#records.indexOf(root)}/`;
    let stride = FIRST_ROWS;
    for (let more = true; more && this.#left > 0;) {
      const wanted = Math.min(stride, this.#left);
      const rows = await this.#plan.reader.page('secret', prefix, this.#position, wanted);
      this.#left -= rows.length;
      more = rows.length === wanted;
      yield* this.#ahead(rows);
      stride = this.#position === rows.at(-1)?.key ? Math.min(stride * 2, MOST_ROWS) : FIRST_ROWS;
      // A long walk lets others have their turn.
      if (more) await setImmediate();
    }
  }

  *#ahead(rows: readonly Row[]): Generator<Row> {
    for (const row of rows) {
      if (row.key <= this.#position) continue;
      this.#position = row.key;
      yield row;
    }
  }

  #leaveUnreachable(path: string): void {
    for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
      if (this.#isReachable(path.slice(0, end))) continue;
      this.leave(path.slice(0, end));
      return;
    }
  }

  #isReachable(subtree: string): boolean {
    if (this.#reachable.has(subtree)) return true;
    if (!this.#plan.below(this.#plan.action, subtree)) return false;
    this.#reachable.add(subtree);
    return true;
  }

  /** The prefix, or every namespace within reach, in the order of their index, without those that lie behind. */
  #roots(): readonly string[] {
    const { prefix } = this.#plan;
    const { keyring } = this.#records;
    const names = prefix === '' ? keyring.namespaces().map((keys) => keys.name) : [prefix];
    return names
      .filter((name) => keyring.namespace(namespaceOf(name)) && this.#isReachable(name))
      .map((name) => ({ name, index: this.#records.indexOf(name) }))
      .filter(({ index }) => endOf(index) > this.#position)
      .toSorted((a, b) => (a.index < b.index ? -1 : 1))
      .map(({ name }) => name);
  }
}

/** After every key that begins with `<index>/`: `0` comes right after `/`, and no key holds it there. */
function endOf(index: string): string {
  return `${index}0`;
}
