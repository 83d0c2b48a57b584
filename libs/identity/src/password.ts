import { availableParallelism } from 'node:os';

import { argon2id, hash, verify } from 'argon2';

import { isCommonPassword } from './common-passwords.ts';
import { Concurrency } from './concurrency.ts';
import { PasswordError } from './errors.ts';

/** What one guess costs: memory in KiB, passes, lanes. */
interface PasswordCost {
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

/** argon2id with 19 MiB, 2 passes, 1 lane: about 45 ms (OWASP; RFC 9106 names the parameters). */
export const PASSWORD_COST: PasswordCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Longer queues would keep everybody waiting for whoever makes them: about a second on one core. */
const MOST_WAITING = 16;

const LENGTH = { least: 15, most: 1024 };

// Hashing leaves the event loop but not the machine: one core stays with the workloads.
const hashing = new Concurrency(Math.min(2, Math.max(1, availableParallelism() - 1)), MOST_WAITING);

/**
 * The argon2id hash of a new password in PHC form, salted. Normalised by NFKC (SP 800-63B-4 §3.1.1.2) and not otherwise changed; every
 * code point counts as one character, and the whole of it is hashed. `names` are words that this password must not be.
 *
 * @throws PasswordError; IdentityError `too_many_requests` when too many wait
 */
export async function hashPassword(password: string, names: readonly string[] = [], cost = PASSWORD_COST): Promise<string> {
  const normal = normalise(password);
  if (normal.characters < LENGTH.least) throw new PasswordError('password_too_short');
  if (isCommonPassword(normal.text, names)) throw new PasswordError('password_common');
  return hashing.run(() => hash(normal.text, { type: argon2id, ...cost }));
}

/**
 * Whether the password is the one that was hashed. `encoded` is undefined where there is no such name: that takes the same work and is
 * false, so that time does not tell which names exist.
 *
 * @throws PasswordError; IdentityError `too_many_requests` when too many wait
 */
export async function verifyPassword(encoded: string | undefined, password: string, cost = PASSWORD_COST): Promise<boolean> {
  const { text } = normalise(password);
  return hashing.run(() => verify(encoded ?? decoyHash(cost), text));
}

// The form of a hash whose password nobody knows: 16 bytes of salt and 32 of hash, all zero.
function decoyHash({ memoryCost, timeCost, parallelism }: PasswordCost): string {
  return `$argon2id$v=19$m=${memoryCost},p=${parallelism},t=${timeCost}$${'A'.repeat(22)}$${'A'.repeat(43)}`;
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
