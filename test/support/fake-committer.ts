import type { EntryDraft } from '#audit';
import {
  AuthzError,
  type AuthzCode,
  Committer,
  type CommitObserver,
  type Committed,
  type Expect,
  type Row,
  type RowKey,
  type RowWrite,
  type Submission,
} from '#authz';

/** A database in memory, with the promises of the port. It can be held before COMMIT, and told to fail. */
export class FakeCommitter extends Committer {
  readonly rows = new Map<string, Row>();
  readonly entries: EntryDraft[] = [];
  readonly submissions: Submission[] = [];
  readonly observers: CommitObserver[] = [];
  #failure: AuthzError | undefined;
  #held: PromiseWithResolvers<void> | undefined;

  async commit(submission: Submission): Promise<Committed> {
    this.submissions.push(submission);
    await this.#held?.promise;
    if (this.#failure) throw this.#failure;
    const { expects, writes, entries } = submission;
    if (isRefused(submission)) throw new AuthzError('row_refused');
    const implied = writes.map(({ kind, key, rev }) => ({ kind, key, rev: rev - 1 }));
    if (![...expects, ...implied].every((expect) => this.#holds(expect))) return 'stale';
    for (const write of writes) this.#write(write);
    this.entries.push(...entries);
    for (const observer of this.observers) observer.committed(writes);
    return 'committed';
  }

  /** From now on nothing commits; what is submitted waits. */
  hold(): void {
    this.#held ??= Promise.withResolvers();
  }

  /** Lets everything that waits commit, in order. */
  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  /** From now on every commit fails like this; `undefined` mends it. */
  failWith(code: AuthzCode | undefined): void {
    this.#failure = code && new AuthzError(code);
  }

  /** Puts a row there without an entry, as if it had always been there. */
  plant(row: RowWrite): void {
    this.#write(row);
  }

  /** The same under the eyes of the observers, as if it had been committed. */
  plantAndTell(row: RowWrite): void {
    this.#write(row);
    for (const observer of this.observers) observer.committed([row]);
  }

  #write({ sealed, ...write }: RowWrite): void {
    if (sealed === null) this.rows.delete(nameOf(write));
    else this.rows.set(nameOf(write), { ...write, sealed });
  }

  #holds(expect: Expect): boolean {
    return (this.rows.get(nameOf(expect))?.rev ?? 0) === expect.rev;
  }
}

/** As an engine refuses: a change that nothing records, and a row that is written twice at once. */
function isRefused({ writes, entries }: Submission): boolean {
  return (writes.length > 0 && entries.length === 0) || new Set(writes.map(nameOf)).size < writes.length;
}

function nameOf({ kind, key }: RowKey): string {
  return `${kind}:${key}`;
}
