import { codeOf, type Committer, type Gate } from '#authz';
import { Attempts, type Clock, SERVER } from '#identity';
import { type Attempt, entryOfLine, formatAttempt } from './attempt.ts';
import { KeysError } from './errors.ts';
import { Turns } from './turns.ts';
import type { UnsealJournal } from './unseal-journal.ts';

const MOST_LINES = 1_000;
/**
 * Of one address: fewer than may wait for the vault, so that no address fills the queue alone; and for a minute at most, so that a person
 * who mistypes can still open the server.
 */
const PACE = { free: 15, longestWaitMs: 60_000 };

/**
 * What is tried while nothing can be recorded: failed attempts to initialize or unseal are kept in the journal and become entries
 * at the next unsealing. The journal is bounded, so that nobody can fill the disk of a sealed server; beyond it the gate counts
 * them, as it does every other refusal.
 */
export class SealedAttempts {
  readonly #journal: UnsealJournal;
  readonly #committer: Committer;
  readonly #gate: Gate;
  readonly #clock: Clock;
  /** The journal is looked at and changed in one step: nothing is added between its being entered and its being cleared. */
  readonly #turns = new Turns();
  readonly #pace: Attempts;

  constructor(journal: UnsealJournal, committer: Committer, gate: Gate, clock: Clock) {
    this.#journal = journal;
    this.#committer = committer;
    this.#gate = gate;
    this.#clock = clock;
    this.#pace = new Attempts(PACE, clock);
  }

  /** Before anything is tried. @throws KeysError `too_many_requests` while the address has to wait; never for the server itself */
  begin({ caller, request }: Attempt): void {
    if (caller.kind !== SERVER.kind && !this.#pace.begin(request.peer)) throw new KeysError('too_many_requests');
  }

  /** What the address tried before is forgotten. */
  succeeded({ request }: Attempt): void {
    this.#pace.succeeded(request.peer);
  }

  /** Keeps a failed attempt. Durable when it returns, or counted when the journal is full or nothing was tried. */
  async failed(attempt: Attempt, error: unknown): Promise<void> {
    const code = codeOf(error);
    const line = formatAttempt(attempt, code, this.#clock.now());
    const kept = code !== 'too_many_requests' && (await this.#turns.take(() => this.#keep(line)));
    // Counted, though it can't be written while the log is closed.
    if (!kept) await this.#gate.refuse({ ...attempt, resource: 'server', code }).catch(() => undefined);
  }

  /**
   * Enters all of it in the log, which is open now. A crash between the commit and the clearing of the journal enters its lines
   * once more at the next unsealing, with the same request ids: better twice than never.
   */
  enter(): Promise<void> {
    return this.#turns.take(async () => {
      const lines = await this.#journal.read();
      const entries = lines.flatMap((line) => entryOfLine(line) ?? []);
      if (entries.length > 0) await this.#committer.commit({ expects: [], writes: [], entries });
      if (lines.length > 0) await this.#journal.clear();
    });
  }

  /** Whether there was room for it. */
  async #keep(line: string): Promise<boolean> {
    if ((await this.#journal.read()).length >= MOST_LINES) return false;
    await this.#journal.append(line);
    return true;
  }
}
