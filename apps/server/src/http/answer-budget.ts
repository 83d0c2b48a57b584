import type { Principal } from '#identity';
import { Refusal } from './refusal.ts';
import { UnsentAnswer, type Recipient } from './unsent-answer.ts';

const MIB = 2 ** 20;

/** Answers from this size on are counted. The kernel takes most of what is smaller from us at once. */
const LARGE = 64 * 1024;

/** Bytes of answers that may wait for their readers, all together. */
export interface AnswerLimits {
  /** From here on no further bundle is put together. */
  readonly soft: number;
  /** More never wait: whoever reads slowest is cut off. */
  readonly hard: number;
  /** Of one caller, where there is no room for others. */
  readonly share: number;
}

/** Four of the largest bundles, eight, and two. */
const LIMITS: AnswerLimits = { soft: 64 * MIB, hard: 128 * MIB, share: 32 * MIB };
/** A reader that has had this long and takes less than this a second is a slow one. */
const GRACE_MS = 5_000;
const SLOW_BYTES_A_SECOND = 128 * 1024;

/**
 * What large answers take up until they are read. Somebody who asks and does not read costs memory for as long as the connection lasts: all of
 * them together cost no more than this, and who holds most pays first.
 */
export class AnswerBudget {
  readonly #limits: AnswerLimits;
  readonly #now: () => number;
  /** When each began to leave, the oldest first. */
  readonly #held = new Map<UnsentAnswer, number>();
  readonly #byCaller = new Map<string, number>();
  #bytes = 0;

  constructor(limits = LIMITS, now = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Before a bundle is put together for a caller. @throws Refusal `overloaded` where too much waits, and not by one other's fault */
  admit({ id }: Pick<Principal, 'id'>): void {
    const { soft, share } = this.#limits;
    if (this.#bytes < soft) return;
    this.#cutSlow(soft);
    while (this.#bytes >= soft) {
      const top = this.#top();
      if (top === id || this.#of(top) <= share) throw new Refusal('overloaded', { headers: { 'retry-after': '1' } });
      this.#cutOldestOf(top);
    }
  }

  /** A large answer on its way: it leaves as fast as it is read, and is counted until it has left. */
  paced(body: Buffer, recipient: Recipient): UnsentAnswer {
    const answer = new UnsentAnswer(body, recipient, (which, bytes) => this.#add(which.recipient.caller, -bytes));
    this.#held.set(answer, this.#now());
    this.#add(recipient.caller, body.length);
    answer.once('close', () => this.#held.delete(answer));
    const { hard } = this.#limits;
    if (this.#bytes > hard) this.#cutSlow(hard);
    while (this.#bytes > hard) this.#cutOldestOf(this.#top());
    return answer;
  }

  #cutSlow(until: number): void {
    for (const answer of this.#held.keys()) if (this.#bytes >= until && this.#isSlow(answer)) this.#end(answer);
  }

  #cutOldestOf(caller: string): void {
    for (const answer of this.#held.keys()) if (answer.recipient.caller === caller) return this.#end(answer);
  }

  /** Half of an answer is out: only the missing end of its connection can tell that it is none. */
  #end(answer: UnsentAnswer): void {
    this.#held.delete(answer);
    answer.destroy();
    answer.recipient.cut();
  }

  #isSlow(answer: UnsentAnswer): boolean {
    const elapsed = this.#now() - (this.#held.get(answer) ?? 0);
    return elapsed > GRACE_MS && (answer.sent * 1_000) / elapsed < SLOW_BYTES_A_SECOND;
  }

  #top(): string {
    let [top, most] = ['', 0];
    for (const [caller, bytes] of this.#byCaller) if (bytes > most) [top, most] = [caller, bytes];
    return top;
  }

  #of(caller: string): number {
    return this.#byCaller.get(caller) ?? 0;
  }

  #add(caller: string, bytes: number): void {
    this.#bytes += bytes;
    const held = this.#of(caller) + bytes;
    if (held > 0) this.#byCaller.set(caller, held);
    else this.#byCaller.delete(caller);
  }
}

/** Whether an answer is one that is counted; a stream makes itself as it is read. */
export function isLarge(payload: unknown): payload is string | Buffer {
  return (typeof payload === 'string' || Buffer.isBuffer(payload)) && payload.length >= LARGE;
}
