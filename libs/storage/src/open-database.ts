import { AuthzError } from '#authz';
import type { SecretBytes } from '#crypto';
import { CipherFiles } from './cipher-files.ts';
import { StorageError } from './errors.ts';
import { LogStatements } from './log-statements.ts';
import { MIGRATIONS } from './migrations.ts';
import { RecordStatements } from './record-statements.ts';
import { requireSchema } from './require-schema.ts';
import { connect, type Connection } from './sqlite-connection.ts';
import { sqliteCode } from './sqlite-errors.ts';

/** 3.51.3 mends a corruption of the write-ahead log when a checkpoint races with a writer. */
const OLDEST_ENGINE = [3, 51, 3];
const FULL = 2;

/** A database that passed every check: the one connection that writes, which only the committer uses, and the one that reads. */
export class OpenDatabase {
  readonly writer: Connection;
  readonly reader: Connection;
  readonly records: RecordStatements;
  readonly log: LogStatements;
  readonly #files: CipherFiles;

  constructor(writer: Connection, reader: Connection, files: CipherFiles) {
    this.writer = writer;
    this.reader = reader;
    this.records = new RecordStatements(reader.handle);
    this.log = new LogStatements(reader.handle);
    this.#files = files;
  }

  async close(): Promise<void> {
    await this.reader.source.destroy();
    await this.writer.source.destroy();
    this.#files.close();
  }
}

/**
 * Opens or makes the database, brings its schema up to date and checks what must hold before anything is trusted to it.
 * A failure leaves nothing open.
 * @throws StorageError
 * @throws AuthzError `storage_unavailable` when the disk is full, read-only or broken
 */
export async function openDatabase(path: string, key: SecretBytes): Promise<OpenDatabase> {
  const files = new CipherFiles(path);
  const opened: Connection[] = [];
  try {
    files.refusePlainText();
    const writer = await connect(path, key, 'write');
    opened.push(writer);
    await prepareSchema(writer);
    const reader = await connect(path, key, 'read');
    opened.push(reader);
    for (const connection of opened) requireDurable(connection);
    files.refusePlainText();
    return new OpenDatabase(writer, reader, files);
  } catch (error) {
    for (const connection of opened.toReversed()) await connection.source.destroy();
    files.close();
    throw atTheDoor(error);
  }
}

/** Ends with a write, because `synchronous` has been seen to change with one: only what is read back after it counts. */
async function prepareSchema({ source, handle }: Connection): Promise<void> {
  requireEngine(handle.prepare<[], { version: string }>('SELECT sqlite_version() AS version').get()?.version ?? '');
  await source.runMigrations({ transaction: 'each' });
  const known = handle.prepare<[], { count: number }>('SELECT count(*) AS count FROM migration').get();
  if (known?.count !== MIGRATIONS.length) throw new StorageError('database_newer');
  await requireSchema(handle);
  handle.pragma(`user_version = ${MIGRATIONS.length}`);
}

function requireEngine(version: string): void {
  const parts = version.split('.').map(Number);
  const difference = OLDEST_ENGINE.map((part, at) => (parts[at] ?? 0) - part).find((each) => each !== 0) ?? 0;
  if (difference < 0) throw new StorageError('engine_too_old');
}

function requireDurable({ handle }: Connection): void {
  const mode = handle.pragma('journal_mode', { simple: true });
  const synchronous = handle.pragma('synchronous', { simple: true });
  if (mode !== 'wal' || synchronous !== FULL) throw new StorageError('not_durable');
}

/** What the driver threw stays here: its errors carry parameters. */
function atTheDoor(error: unknown): Error {
  if (error instanceof StorageError) return error;
  return sqliteCode(error) === 'SQLITE_NOTADB' ? new StorageError('wrong_key') : new AuthzError('storage_unavailable');
}
