import { onTestFinished } from 'vitest';
import { committerContract } from '../../../test/contracts/committer.contract.ts';
import { logStoreContract } from '../../../test/contracts/log-store.contract.ts';
import { readerContract } from '../../../test/contracts/reader.contract.ts';
import { slotFileStoreContract } from '../../../test/contracts/slot-file-store.contract.ts';
import { vaultDatabaseContract } from '../../../test/contracts/vault-database.contract.ts';
import { openSqlite } from '../../../test/support/sqlite-bench.ts';
import { temporaryDirectory } from '../../../test/support/temp-dir.ts';
import { DatabaseLock } from './database-lock.ts';
import { FileSlotStore } from './file-slot-store.ts';
import { SqliteDatabase } from './sqlite-database.ts';

readerContract('SQLite', openSqlite);
committerContract('SQLite', openSqlite);
logStoreContract('SQLite', openSqlite);

vaultDatabaseContract('SQLite', () => {
  const lock = new DatabaseLock(temporaryDirectory());
  onTestFinished(() => lock.release());
  return new SqliteDatabase(lock);
});

slotFileStoreContract('a directory', () => {
  const directory = temporaryDirectory();
  return () => new FileSlotStore(directory);
});
