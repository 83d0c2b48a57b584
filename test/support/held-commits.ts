import { EventEmitter, once } from 'node:events';
import type { Committed, Submission } from '#authz';
import { GroupCommitter } from '#storage';
import { vi } from 'vitest';

/** A submission that was kept from the committer. */
interface Held {
  readonly submission: Submission;
  readonly resolve: (committed: Committed | Promise<Committed>) => void;
  readonly reject: (error: Error) => void;
  readonly commit: () => Promise<Committed>;
}

/** The true `commit`, to be called on a committer. */
interface Original {
  readonly commit: (this: GroupCommitter, submission: Submission) => Promise<Committed>;
}

/** Stands in front of this process's committers and keeps whatever is to be recorded, until it is told what becomes of it. */
export class HeldCommits implements Disposable {
  readonly #held: Held[] = [];
  readonly #arrivals = new EventEmitter();
  readonly #spy;
  #broken: Error | undefined;

  constructor() {
    const held = this.#held;
    const arrivals = this.#arrivals;
    const original: Original = GroupCommitter.prototype;
    const { commit } = original;
    const broken = (): Error | undefined => this.#broken;
    this.#spy = vi.spyOn(GroupCommitter.prototype, 'commit').mockImplementation(function (this: GroupCommitter, submission) {
      const through = (): Promise<Committed> => commit.call(this, submission);
      // Without an entry it records nothing: the committer talking to itself.
      if (submission.entries.length === 0) return through();
      const failure = broken();
      if (failure) return Promise.reject(failure);
      return new Promise((resolve, reject) => {
        held.push({ submission, resolve, reject, commit: through });
        arrivals.emit('held');
      });
    });
  }

  /** Resolves when so many submissions are held. */
  async holds(count: number): Promise<void> {
    while (this.#held.length < count) await once(this.#arrivals, 'held');
  }

  /** The actions that wait to be recorded. */
  get actions(): readonly string[] {
    return this.#held.flatMap(({ submission }) => submission.entries.map((entry) => entry.action));
  }

  /** Lets what is held be committed, the oldest first: all of it, or only so many. */
  release(count = Infinity): void {
    for (const { resolve, commit } of this.#held.splice(0, count)) resolve(commit());
  }

  /** The planted fault: says that all that is held is committed, and commits nothing. */
  pretend(): void {
    for (const { resolve } of this.#held.splice(0)) resolve('committed');
  }

  /** Fails all that is held, and all that is to come. */
  fail(error: Error): void {
    this.#broken = error;
    for (const { reject } of this.#held.splice(0)) reject(error);
  }

  [Symbol.dispose](): void {
    this.#spy.mockRestore();
  }
}
