import { closeSync, readFileSync, readSync } from 'node:fs';
import { StorageError } from './errors.ts';
import { openPrivate } from './private-files.ts';

const PLAIN_TEXT = Buffer.from('SQLite format 3\0', 'latin1');

/**
 * The database's files as the disk has them. A key that was not set, or not understood, makes the engine write plain text
 * without an error, so the bytes themselves are looked at after every open.
 */
export class CipherFiles {
  readonly #path: string;
  /** Kept until the engine has closed: closing any descriptor of the file would drop the POSIX locks that SQLite holds on it. */
  readonly #descriptor: number;

  /** Makes the file (0600) if it is not there; the engine gives its `-wal` and `-shm` the same mode. @throws StorageError `not_private` */
  constructor(path: string) {
    this.#path = path;
    this.#descriptor = openPrivate(path);
  }

  /** @throws StorageError `database_plain_text` when a first page lies open in the file or in the write-ahead log */
  refusePlainText(): void {
    if (this.#start().equals(PLAIN_TEXT) || this.#log().includes(PLAIN_TEXT)) throw new StorageError('database_plain_text');
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #start(): Buffer {
    const start = Buffer.alloc(PLAIN_TEXT.length);
    return start.subarray(0, readSync(this.#descriptor, start, 0, start.length, 0));
  }

  /** The log as a whole: its own header is never encrypted, and page 1 may be any of its frames. */
  #log(): Buffer {
    try {
      return readFileSync(`${this.#path}-wal`);
    } catch {
      return Buffer.alloc(0);
    }
  }
}
