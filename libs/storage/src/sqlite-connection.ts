import type { SecretBytes } from '#crypto';
import Database from 'better-sqlite3-multiple-ciphers';
import { DataSource } from 'typeorm';
import { auditBatchSchema } from './audit-batch.row.ts';
import { auditCheckpointSchema } from './audit-checkpoint.row.ts';
import { auditSegmentSchema } from './audit-segment.row.ts';
import { StorageError } from './errors.ts';
import { MIGRATIONS, MIGRATIONS_TABLE } from './migrations.ts';
import { recordSchema } from './record.row.ts';

const KEY_BYTES = 32;
const BUSY_MS = 1_000;

/** One connection: TypeORM's data source, and the driver's own handle beneath it for prepared statements. */
export interface Connection {
  readonly source: DataSource;
  readonly handle: Database;
}

/** Opens one keyed connection to a file that exists. A failure leaves nothing open. @throws the driver's error */
export async function connect(path: string, key: SecretBytes, mode: 'write' | 'read'): Promise<Connection> {
  const opening: { handle?: Database } = {};
  const source = new DataSource({
    type: 'better-sqlite3',
    driver: Database,
    database: path,
    fileMustExist: true,
    readonly: mode === 'read',
    timeout: BUSY_MS,
    logging: false,
    entities: [recordSchema, auditBatchSchema, auditSegmentSchema, auditCheckpointSchema],
    migrations: MIGRATIONS,
    migrationsTableName: MIGRATIONS_TABLE,
    prepareDatabase: (handle: Database) => {
      opening.handle = handle;
      prepare(handle, key, mode);
    },
  });
  try {
    await source.initialize();
    return { source, handle: present(opening.handle) };
  } catch (error) {
    opening.handle?.close();
    throw error;
  }
}

/**
 * The key goes in as bytes, never as SQL, so that no statement, error or log can hold it. `raw:` says that it is a key and no
 * passphrase: nothing is derived from it. Pages are AEGIS-256 (ADR 8).
 */
function setKey(handle: Database, key: SecretBytes): void {
  if (key.bytes.length !== KEY_BYTES) throw new StorageError('wrong_key');
  handle.pragma("cipher = 'aegis'");
  handle.pragma("algorithm = 'aegis-256'");
  const raw = Buffer.concat([Buffer.from('raw:'), key.bytes]);
  const status = handle.key(raw);
  raw.fill(0);
  if (status !== 0) throw new StorageError('wrong_key');
}

function prepare(handle: Database, key: SecretBytes, mode: 'write' | 'read'): void {
  setKey(handle, key);
  if (mode === 'write') handle.pragma('journal_mode = WAL');
  // The driver's own default for WAL is NORMAL, which loses acknowledged commits when power fails.
  handle.pragma('synchronous = FULL');
  // Freed pages are overwritten, and what the engine spills stays in memory, where it is not in plain text on a disk.
  handle.pragma('secure_delete = ON');
  handle.pragma('temp_store = MEMORY');
  handle.pragma('trusted_schema = OFF');
}

function present(handle: Database | undefined): Database {
  if (!handle) throw new StorageError('file_unavailable');
  return handle;
}
