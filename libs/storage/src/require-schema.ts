import Database from 'better-sqlite3-multiple-ciphers';
import { DataSource } from 'typeorm';
import { StorageError } from './errors.ts';
import { MIGRATIONS, MIGRATIONS_TABLE } from './migrations.ts';

const SCHEMA = 'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name';

/**
 * The tables, indexes and triggers are those that the migrations make, and no others. Rows defend themselves by how they are sealed; a
 * trigger that somebody has added would have its way with entries between their insertion and COMMIT.
 *
 * @throws StorageError `database_altered`
 */
export async function requireSchema(handle: Database): Promise<void> {
  const found = handle.prepare(SCHEMA).all();
  if (JSON.stringify(found) !== JSON.stringify(await schemaAsMade())) throw new StorageError('database_altered');
}

/** What the migrations make of an empty database. */
async function schemaAsMade(): Promise<unknown[]> {
  const source = new DataSource({
    type: 'better-sqlite3',
    driver: Database,
    database: ':memory:',
    logging: false,
    migrations: MIGRATIONS,
    migrationsTableName: MIGRATIONS_TABLE,
  });
  await source.initialize();
  try {
    await source.runMigrations({ transaction: 'each' });
    return await source.query<unknown[]>(SCHEMA);
  } finally {
    await source.destroy();
  }
}
