import { availableParallelism } from 'node:os';

import { argon2id, hash, needsRehash, verify } from 'argon2';

import { isCommonPassword } from './common-passwords.ts';
import { Concurrency } from './concurrency.ts';
import { PasswordError } from '../errors.ts';

/** What one guess costs: memory in KiB, passes, lanes. */
export interface PasswordCost {
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

/** argon2id with 19 MiB, 2 passes, 1 lane: about 45 ms (OWASP; RFC 9106 names the parameters). */
export const PASSWORD_COST: PasswordCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Longer queues would keep everybody waiting for whoever makes them: about a second on one core. */
const MOST_WAITING = 16;
/** Hashing leaves the event loop but not the machine: one core stays with the workloads. */
const AT_ONCE = Math.min(2, Math.max(1, availableParallelism() - 1));

const LENGTH = { least: 15, most: 1024 };

/** The hashes of passwords: argon2id in PHC form, salted, off the event loop, a few at a time. One of it serves a whole process. */
export class Passwords {
  readonly #cost: PasswordCost;
  readonly #hashing: Concurrency;
  /** By cost: a text that was just put together takes a microsecond longer to read than one that is kept. */
  readonly #decoys = new Map<string, string>();

  constructor(cost = PASSWORD_COST, mostWaiting = MOST_WAITING) {
    this.#cost = cost;
    this.#hashing = new Concurrency(AT_ONCE, mostWaiting);
  }

  /**
   * The hash of a new password. Normalised by NFKC (SP 800-63B-4 §3.1.1.2) and not otherwise changed; every code point counts as one
   * character, and the whole of it is hashed. `names` are words that this password must not be.
   *
   * @throws PasswordError; IdentityError `too_many_requests` when too many wait
   */
  async hash(password: string, names: readonly string[] = []): Promise<string> {
    const normal = normalise(password);
    if (normal.characters < LENGTH.least) throw new PasswordError('password_too_short');
    if (isCommonPassword(normal.text, names)) throw new PasswordError('password_common');
    return this.#hashing.run(() => hash(normal.text, { type: argon2id, ...this.#cost }));
  }

  /**
   * Whether the password is the one that was hashed. `encoded` is undefined where there is none: that takes the same work as the hash
   * `like`, or one at today's cost, and is false, so that time does not tell which names exist.
   *
   * @throws PasswordError; IdentityError `too_many_requests` when too many wait
   */
  async verify(encoded: string | undefined, password: string, like?: string): Promise<boolean> {
    const { text } = normalise(password);
    // Looked up in either case, so that it is no difference.
    const decoy = this.#decoy(like);
    return this.#hashing.run(() => verify(encoded ?? decoy, text));
  }

  /** Whether a hash was made at another cost than today's. The password itself is needed to make a new one. */
  isOutdated(encoded: string): boolean {
    return needsRehash(encoded, { ...this.#cost });
  }

  /** The form of a hash whose password nobody knows: 16 bytes of salt and 32 of hash, all zero. */
  #decoy(like: string | undefined): string {
    const { memoryCost, timeCost, parallelism } = this.#cost;
    const cost = like?.split('$')[3] ?? `m=${memoryCost},p=${parallelism},t=${timeCost}`;
    const decoy = this.#decoys.get(cost) ?? `$argon2id$v=19$${cost}$${'A'.repeat(22)}$${'A'.repeat(43)}`;
    this.#decoys.set(cost, decoy);
    return decoy;
  }
}

function normalise(password: string): { text: string; characters: number } {
  // Beyond this no normalisation is worth its time: a code point is at most two units.
  if (password.length > 2 * LENGTH.most) throw new PasswordError('password_too_long');
  if (password.includes('\0') || !password.isWellFormed()) throw new PasswordError('password_malformed');
  const text = password.normalize('NFKC');
  const characters = Array.from(text).length;
  if (characters > LENGTH.most) throw new PasswordError('password_too_long');
  return { text, characters };
}
