import type { EntryDraft } from '#audit';
import type { Committer, Refusal } from '#authz';
import { ANONYMOUS, type Clock } from '#identity';
import { type Attempt, entryOfLine, formatAttempt } from './attempt.ts';
import type { UnsealJournal } from './unseal-journal.ts';

const MOST_LINES = 1_000;
const MOST_COUNTS = 1_000;
const OWN_CODE = /^[a-z][a-z_]{0,63}$/;

/**
 * What is tried while nothing can be recorded: failed attempts to initialize or unseal are kept in the journal, everything else
 * is counted in memory, and both become entries at the next unsealing. Both are bounded, so that nobody can fill the disk or the
 * memory of a sealed server; beyond the bounds they are counted without their address.
 */
export class SealedAttempts {
  readonly #journal: UnsealJournal;
  readonly #committer: Committer;
  readonly #clock: Clock;
  readonly #counts = new Map<string, EntryDraft>();

  constructor(journal: UnsealJournal, committer: Committer, clock: Clock) {
    this.#journal = journal;
    this.#committer = committer;
    this.#clock = clock;
  }

  /** Keeps a failed attempt. Durable when it returns. */
  async failed(attempt: Attempt, error: unknown): Promise<void> {
    const code = codeOf(error);
    const full = (await this.#journal.read()).length >= MOST_LINES;
    if (full) this.refused({ ...attempt, code });
    else await this.#journal.append(formatAttempt(attempt, code, this.#clock.now()));
  }

  /** Counts a request that was refused because the server is sealed, or before it could ask. */
  refused({ action, code, request }: Pick<Refusal, 'action' | 'code' | 'request'>): void {
    const key = JSON.stringify([request.peer, action, code]);
    const fits = this.#counts.size < MOST_COUNTS || this.#counts.has(key);
    const time = this.#clock.now().toISOString();
    if (fits) this.#count(key, { ...ENTRY, time, peer: request.peer, action: action ?? '', code, requestId: request.id });
    else this.#count('', { ...ENTRY, time, peer: '', action: '', code: 'sealed', requestId: '' });
  }

  /**
   * Enters all of it in the log, which is open now. A crash between the commit and the clearing of the journal enters its lines
   * once more at the next unsealing, with the same request ids: better twice than never.
   */
  async enter(): Promise<void> {
    const lines = await this.#journal.read();
    const entries = [...lines.flatMap((line) => entryOfLine(line) ?? []), ...this.#counts.values()];
    if (entries.length > 0) await this.#committer.commit({ expects: [], writes: [], entries });
    this.#counts.clear();
    if (lines.length > 0) await this.#journal.clear();
  }

  #count(key: string, entry: EntryDraft): void {
    const { count = 0, first = entry.time } = this.#counts.get(key) ?? {};
    this.#counts.set(key, { ...entry, count: count + 1, first, last: entry.time });
  }
}

const ENTRY = { caller: { ...ANONYMOUS }, resource: '', decision: 'none', outcome: 'refused' } as const;

/** Codes of the house only: what a driver or the engine calls its errors is nobody's business. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && OWN_CODE.test(code) ? code : 'internal_error';
}
