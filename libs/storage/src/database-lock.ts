import Database from 'better-sqlite3-multiple-ciphers';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { StorageError } from './errors.ts';
import { makePrivateDirectory } from './private-files.ts';
import { sqliteCode } from './sqlite-errors.ts';

/**
 * Holds a data directory for this process alone, sealed or not, until `release` or the end of the process (the operating
 * system lets go then, whatever killed it). It is an empty SQLite file in an exclusive transaction.
 */
export class DatabaseLock {
  readonly directory: string;
  readonly #handle: Database;

  /** Makes the directory (0700) if it is not there. @throws StorageError `database_in_use`, `not_private`, `file_unavailable` */
  constructor(directory: string) {
    makePrivateDirectory(directory);
    this.directory = directory;
    this.#handle = lock(join(directory, 'holdfast.lock'));
  }

  release(): void {
    this.#handle.close();
  }
}

function lock(path: string): Database {
  let handle: Database | undefined;
  try {
    handle = new Database(path, { timeout: 0 });
    handle.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    // By name: closing any descriptor of the file would drop the POSIX locks that SQLite holds on it.
    chmodSync(path, 0o600);
    return handle;
  } catch (error) {
    handle?.close();
    throw new StorageError(sqliteCode(error) === 'SQLITE_BUSY' ? 'database_in_use' : 'file_unavailable');
  }
}
