import { AuthzError, type Reader } from '#authz';
import type { SecretBytes } from '#crypto';
import { VaultDatabase } from '#keys';
import { join } from 'node:path';
import type { DatabaseLock } from './database-lock.ts';
import { openDatabase, type OpenDatabase } from './open-database.ts';
import { isThere, removeFile } from './private-files.ts';
import { RowCache } from './row-cache.ts';
import { TypeormReader } from './typeorm-reader.ts';

const CACHE_BYTES = 16 * 1024 * 1024;

/** The encrypted SQLite file of a data directory that this process holds. It is open only while the server is unsealed. */
export class SqliteDatabase extends VaultDatabase {
  readonly cache = new RowCache(CACHE_BYTES);
  readonly reader: Reader = new TypeormReader(() => this.opened, this.cache);
  readonly #path: string;
  #opened: OpenDatabase | undefined;

  constructor(lock: DatabaseLock) {
    super();
    this.#path = join(lock.directory, 'holdfast.db');
  }

  /** @throws AuthzError `sealed` */
  get opened(): OpenDatabase {
    if (!this.#opened) throw new AuthzError('sealed');
    return this.#opened;
  }

  override async exists(): Promise<boolean> {
    return isThere(this.#path);
  }

  override async discard(): Promise<void> {
    for (const suffix of ['-shm', '-wal', '']) await removeFile(`${this.#path}${suffix}`);
  }

  /** Opens or makes the file under a key of 32 bytes. @throws StorageError, AuthzError `storage_unavailable` */
  override async open(key: SecretBytes): Promise<Reader> {
    this.#opened = await openDatabase(this.#path, key);
    return this.reader;
  }

  override async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    this.cache.clear();
    await opened?.close();
  }
}
