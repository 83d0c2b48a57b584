import { SecretBytes } from '#crypto';
import Database from 'better-sqlite3-multiple-ciphers';
import { appendFileSync, copyFileSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { change, secretRow } from '../../../test/support/database-bench.ts';
import { DATABASE_KEY, openSqlite } from '../../../test/support/sqlite-bench.ts';
import { temporaryDirectory } from '../../../test/support/temp-dir.ts';
import { DatabaseLock } from './database-lock.ts';
import { MIGRATIONS } from './migrations.ts';
import { SqliteDatabase } from './sqlite-database.ts';

const CANARY = 'canary-5b0c2f';

function databaseIn(directory: string): SqliteDatabase {
  const lock = new DatabaseLock(directory);
  onTestFinished(() => lock.release());
  return new SqliteDatabase(lock);
}

const key = (byte = 7) => new SecretBytes(Buffer.alloc(32, byte));

/** The file that the engine writes when nobody sets a key. */
function plainDatabase(path: string): Database {
  const plain = new Database(path);
  plain.exec(`PRAGMA journal_mode = WAL; CREATE TABLE record (content TEXT); INSERT INTO record VALUES ('${CANARY}')`);
  return plain;
}

describe('the SQLite database', () => {
  it('is ciphertext on the disk, in the file as in its write-ahead log', async () => {
    const { committer, directory } = await openSqlite();
    await committer.commit(change('1', secretRow('a', 1, CANARY)));
    const files = ['holdfast.db', 'holdfast.db-wal'].map((name) => readFileSync(join(directory, name)));
    for (const bytes of files) expect(['SQLite format 3', 'record', CANARY].filter((text) => bytes.includes(text))).toEqual([]);
    expect(files.every((bytes) => bytes.length > 1_000)).toBe(true);
  });

  it('would be found by the same look if it were not (a planted plain-text file)', () => {
    const path = join(temporaryDirectory(), 'plain.db');
    plainDatabase(path).close();
    expect(['SQLite format 3', 'record', CANARY].filter((text) => readFileSync(path).includes(text))).toHaveLength(3);
  });

  it('refuses a file in plain text', async () => {
    const directory = temporaryDirectory();
    plainDatabase(join(directory, 'holdfast.db')).close();
    await expect(databaseIn(directory).open(key())).rejects.toMatchObject({ name: 'StorageError', code: 'database_plain_text' });
  });

  it('refuses a write-ahead log in plain text, wherever in it the first page lies', async () => {
    const directory = temporaryDirectory();
    const database = databaseIn(directory);
    await database.open(key());
    await database.close();
    const elsewhere = join(temporaryDirectory(), 'plain.db');
    const plain = plainDatabase(elsewhere);
    copyFileSync(`${elsewhere}-wal`, join(directory, 'holdfast.db-wal'));
    plain.close();
    await expect(database.open(key())).rejects.toMatchObject({ code: 'database_plain_text' });
  });

  it('refuses another key, and a key that is none', async () => {
    const database = databaseIn(temporaryDirectory());
    await database.open(key());
    await database.close();
    await expect(database.open(key(8))).rejects.toMatchObject({ name: 'StorageError', code: 'wrong_key' });
    for (const length of [0, 16, 31, 33, 64]) {
      await expect(database.open(new SecretBytes(Buffer.alloc(length, 7)))).rejects.toMatchObject({ code: 'wrong_key' });
    }
  });

  it('leaves no plain-text file behind when the key is none', async () => {
    const directory = temporaryDirectory();
    await expect(databaseIn(directory).open(new SecretBytes(Buffer.alloc(0)))).rejects.toMatchObject({ code: 'wrong_key' });
    expect(readdirSync(directory).map((name) => statSync(join(directory, name)).size)).toEqual([0, 0]);
  });

  it('says nothing of the key, the host or the statement when it does not open', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'holdfast.db'), Buffer.alloc(8_192, 1));
    const error = await databaseIn(directory)
      .open(key())
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'wrong_key', message: 'the database does not open with this key' });
    expect(Object.keys(Object(error)).sort()).toEqual(['code', 'name']);
  });

  it('is opened by its own key as raw bytes, with nothing derived from it', async () => {
    const { directory } = await openSqlite();
    const other = new Database(join(directory, 'holdfast.db'), { readonly: true });
    onTestFinished(() => void other.close());
    other.pragma("cipher = 'aegis'");
    other.pragma("algorithm = 'aegis-256'");
    other.pragma(`key = 'raw:${DATABASE_KEY.toString('hex')}'`);
    expect(other.prepare('SELECT count(*) AS count FROM record').get()).toEqual({ count: 0 });
  });

  it('keeps its files for its owner alone, whatever the umask', async () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const { directory, committer } = await openSqlite();
    await committer.commit(change('1', secretRow('a')));
    const modes = readdirSync(directory).map((name) => `${name} ${(statSync(join(directory, name)).mode & 0o777).toString(8)}`);
    expect(modes.sort()).toEqual(['holdfast.db 600', 'holdfast.db-shm 600', 'holdfast.db-wal 600', 'holdfast.lock 600']);
  });

  it('syncs every commit, and writes through a log, on both connections and after a write', async () => {
    const { database, committer } = await openSqlite();
    await committer.commit(change('1', secretRow('a')));
    for (const { handle } of [database.opened.writer, database.opened.reader]) {
      expect(handle.pragma('synchronous', { simple: true })).toBe(2);
      expect(handle.pragma('journal_mode', { simple: true })).toBe('wal');
    }
  });

  it('reads on a connection that can not write', async () => {
    const { database } = await openSqlite();
    expect(() => database.opened.reader.handle.exec('DELETE FROM record')).toThrow('readonly');
  });

  it('keeps what was committed over a restart', async () => {
    const { committer, reader, reopen } = await openSqlite();
    await committer.commit(change('1', secretRow('a')));
    await reopen();
    expect((await reader.find('secret', 'a'))?.sealed.toString()).toBe('a at 1');
  });

  it('refuses a database that a newer release has changed', async () => {
    const directory = temporaryDirectory();
    const database = databaseIn(directory);
    await database.open(key());
    database.opened.writer.handle.exec("INSERT INTO migration (timestamp, name) VALUES (9999999999999, 'Later9999999999999')");
    await database.close();
    await expect(database.open(key())).rejects.toMatchObject({ code: 'database_newer' });
    expect(MIGRATIONS.length).toBeGreaterThan(0);
  });

  it.each([
    'CREATE TRIGGER x BEFORE INSERT ON audit_batch BEGIN SELECT RAISE(IGNORE); END',
    'DROP TRIGGER audit_batch_refuses_delete',
    'CREATE TABLE spare (value BLOB)',
  ])('refuses a schema that it has not made itself: %s', async (statement) => {
    const database = databaseIn(temporaryDirectory());
    await database.open(key());
    database.opened.writer.handle.exec(statement);
    await database.close();
    await expect(database.open(key())).rejects.toMatchObject({ code: 'database_altered' });
  });

  it('takes nothing for committed that a trigger has swallowed', async () => {
    const { database, committer, reader } = await openSqlite();
    database.opened.writer.handle.exec('CREATE TRIGGER x BEFORE INSERT ON audit_batch BEGIN SELECT RAISE(IGNORE); END');
    await expect(committer.commit(change('1', secretRow('a')))).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(await reader.find('secret', 'a')).toBeUndefined();
  });

  it('refuses pages that were altered', async () => {
    const directory = temporaryDirectory();
    const database = databaseIn(directory);
    await database.open(key());
    await database.close();
    const path = join(directory, 'holdfast.db');
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(5_000) ^ 1, 5_000);
    writeFileSync(path, bytes);
    await expect(database.open(key())).rejects.toMatchObject({ code: 'storage_unavailable' });
  });

  it('opens after a crash that tore the end of its log', async () => {
    const { directory, committer } = await openSqlite();
    await committer.commit(change('1', secretRow('a')));
    const crashed = temporaryDirectory();
    for (const suffix of ['', '-wal']) copyFileSync(join(directory, `holdfast.db${suffix}`), join(crashed, `holdfast.db${suffix}`));
    appendFileSync(join(crashed, 'holdfast.db-wal'), Buffer.alloc(3_000, 5));
    const database = databaseIn(crashed);
    const reader = await database.open(key());
    expect((await reader.find('secret', 'a'))?.rev).toBe(1);
    await database.close();
  });
});

describe('the tables of the log', () => {
  const log = async () => {
    const { database, committer, signNow } = await openSqlite();
    await committer.commit(change('1', secretRow('a')));
    await committer.commit(change('2', secretRow('b')));
    await signNow();
    return database.opened.writer.handle;
  };

  it.each([
    ["UPDATE audit_batch SET sealed = x'00'"],
    ['UPDATE audit_batch SET first_index = 9 WHERE first_index = 1'],
    ['DELETE FROM audit_batch'],
    ['DELETE FROM audit_batch WHERE first_index = 1'],
    ["REPLACE INTO audit_batch VALUES (1, 1, 1, x'00')"],
    ["INSERT OR REPLACE INTO audit_batch VALUES (0, 1, 1, x'00')"],
    ["INSERT INTO audit_batch VALUES (1, 1, 1, x'00') ON CONFLICT DO UPDATE SET sealed = x'00'"],
    ["UPDATE audit_checkpoint SET note = 'x'"],
    ['DELETE FROM audit_checkpoint'],
    ["REPLACE INTO audit_checkpoint VALUES (2, 'x')"],
    ["INSERT INTO audit_checkpoint VALUES (1, 'x')"],
    ['UPDATE audit_segment SET id = 2'],
    ['DELETE FROM audit_segment'],
    ["REPLACE INTO audit_segment VALUES (1, x'00')"],
  ])('refuse %s', async (statement) => {
    const handle = await log();
    expect(() => handle.exec(statement)).toThrow('only grows');
  });

  it('let a segment key be wrapped anew, as a rotation does', async () => {
    const handle = await log();
    expect(handle.prepare("UPDATE audit_segment SET wrapped = x'01'").run().changes).toBe(1);
  });
});
