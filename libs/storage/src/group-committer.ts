import { AuthzError, Committer, type Committed, type CommitObserver, type Reader, type Submission } from '#authz';
import { constantTimeEqual } from '#crypto';
import type { Keyring, UnsealedPart } from '#keys';
import { AuthorityDigest } from './authority-digest.ts';
import { BatchCommit, type BatchOutcome, type CommitLog } from './batch-commit.ts';
import { StorageError, WriteRefused, type WriteProblem } from './errors.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { WriteTransaction, type Applied } from './write-transaction.ts';

/** What surrounds the committer. */
export interface CommitterSurroundings {
  /** Told of every commit's writes, in this order, before any of its answers goes out. */
  readonly observers: readonly CommitObserver[];
  /** How many requests are about to come, as far as the listeners can tell: handshakes in flight. */
  expecting(): number;
  /** A commit failed in a way after which nothing can be trusted. Called once; it ends the process. */
  fatal(): void;
  /** Nothing can be recorded any more, for this reason; or, with undefined, something was recorded again. Called once for each change. */
  condition?(problem: WriteProblem | undefined): void;
}

interface Waiting {
  readonly submission: Submission;
  resolve(committed: Committed): void;
  reject(error: Error): void;
}

/** Bounds how long one transaction holds the event loop. */
const LARGEST_BATCH = 256;
const COMPANY_MS = 3;
const SIGN_EVERY_MS = 1_000;
const NOTHING: Submission = { expects: [], writes: [], entries: [] };

/**
 * The committer of a database with one writer: whatever arrives in one turn of the event loop shares one transaction, and so one
 * fsync. While handshakes are in flight it waits up to 3 ms for their requests; an idle server never waits.
 */
export class GroupCommitter extends Committer implements UnsealedPart {
  readonly #database: SqliteDatabase;
  readonly #log: CommitLog;
  readonly #surroundings: CommitterSurroundings;
  readonly #queue: Waiting[] = [];
  #batches: BatchCommit | undefined;
  #signDue = false;
  #signTimer: NodeJS.Timeout | undefined;
  #stopped = false;
  #problem: WriteProblem | undefined;

  constructor(database: SqliteDatabase, log: CommitLog, surroundings: CommitterSurroundings) {
    super();
    this.#database = database;
    this.#log = log;
    this.#surroundings = surroundings;
  }

  /** To be told after the log, which knows what the authority was. @throws StorageError `authority_rolled_back` */
  async unsealed(keyring: Pick<Keyring, 'digestKey'>, reader: Reader): Promise<void> {
    const digest = await AuthorityDigest.of(reader, keyring.digestKey);
    const logged = this.#log.resumedAuthority ?? new AuthorityDigest(keyring.digestKey).bytes;
    if (!constantTimeEqual(digest.bytes, logged)) throw new StorageError('authority_rolled_back');
    const { opened, cache } = this.#database;
    this.#batches = new BatchCommit(new WriteTransaction(opened.writer.handle, cache), cache, this.#log, digest);
  }

  /** Commits what waits and signs the log. From then on nothing is committed until the next unsealing. */
  async sealing(): Promise<void> {
    await this.signNow().catch(() => undefined);
    clearTimeout(this.#signTimer);
    this.#signTimer = undefined;
    this.#batches = undefined;
  }

  /** Why nothing can be recorded at the moment, as far as the last attempt has shown; undefined when all is well. */
  get problem(): WriteProblem | undefined {
    return this.#problem;
  }

  commit(submission: Submission): Promise<Committed> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ submission, resolve, reject });
      if (this.#queue.length === 1) this.#gather();
    });
  }

  /** Waits for what was submitted before, and stores a checkpoint that covers it. @throws AuthzError `sealed`, `storage_unavailable` */
  async signNow(): Promise<void> {
    // The log signs only what is durable, so this comes first.
    await this.commit(NOTHING);
    this.#signDue = true;
    await this.commit(NOTHING);
  }

  /** Turns of the event loop that bring more are waited for: what they bring shares the fsync. A turn that brings nothing ends it. */
  #gather(before = 0): void {
    setImmediate(() => {
      const waiting = this.#queue.length;
      if (waiting > before && waiting < LARGEST_BATCH) this.#gather(waiting);
      else this.#flushInCompany(COMPANY_MS);
    });
  }

  #flushInCompany(patience: number): void {
    const wait = patience > 0 && this.#queue.length < LARGEST_BATCH && this.#surroundings.expecting() > 0;
    if (wait) setTimeout(() => this.#flushInCompany(patience - 1), 1);
    else this.#flush();
  }

  #flush(): void {
    const waiting = this.#queue.splice(0, LARGEST_BATCH);
    try {
      const { applied } = this.#commitAll(waiting.map((each) => each.submission));
      for (const [at, each] of waiting.entries()) settle(each, applied[at] ?? 'refused');
    } catch (error) {
      if (!(error instanceof AuthzError)) this.#stop();
      else if (error instanceof WriteRefused) this.#report(error.problem);
      for (const each of waiting) each.reject(error instanceof AuthzError ? error : new AuthzError('storage_unavailable'));
    }
    if (this.#queue.length > 0) this.#gather();
  }

  #commitAll(submissions: readonly Submission[]): BatchOutcome {
    if (this.#stopped) throw new AuthzError('storage_unavailable');
    if (!this.#batches) throw new AuthzError('sealed');
    const outcome = this.#batches.run(submissions, this.#signDue);
    this.#signDue = false;
    if (outcome.writes.length > 0) for (const observer of this.#surroundings.observers) observer.committed(outcome.writes);
    if (outcome.entries > 0) {
      this.#signSoon();
      this.#report(undefined);
    }
    return outcome;
  }

  #report(problem: WriteProblem | undefined): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#surroundings.condition?.(problem);
  }

  #signSoon(): void {
    this.#signTimer ??= setTimeout(() => {
      this.#signTimer = undefined;
      void this.signNow().catch(() => this.#batches && this.#signSoon());
    }, SIGN_EVERY_MS).unref();
  }

  #stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#surroundings.fatal();
  }
}

function settle(waiting: Waiting, applied: Applied): void {
  if (applied === 'refused') waiting.reject(new AuthzError('row_refused'));
  else waiting.resolve(applied === 'stale' ? 'stale' : 'committed');
}
