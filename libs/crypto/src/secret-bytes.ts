import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { CryptoError } from './errors.ts';

const SHOWN = '[secret]';
const NOTHING = Buffer.alloc(0);

/**
 * Key material or a secret's value in memory. It prints, serialises and inspects as `[secret]`, and `wipe` overwrites it.
 *
 * It takes the buffer over: nobody else may keep or change it. What JavaScript can't promise (copies made by the collector or
 * by a library) is said in SECURITY.md.
 */
export class SecretBytes implements Disposable {
  #bytes: Buffer;
  #wiped = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** `length` bytes from the operating system's generator. */
  static random(length: number): SecretBytes {
    return new SecretBytes(randomBytes(length));
  }

  /** The bytes themselves, not a copy. @throws CryptoError `wiped` */
  get bytes(): Buffer {
    if (this.#wiped) throw new CryptoError('wiped');
    return this.#bytes;
  }

  get wiped(): boolean {
    return this.#wiped;
  }

  /** Overwrites the bytes. Doing it again does nothing. */
  wipe(): void {
    this.#bytes.fill(0);
    this.#bytes = NOTHING;
    this.#wiped = true;
  }

  [Symbol.dispose](): void {
    this.wipe();
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
