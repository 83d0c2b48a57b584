import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { bootstrapTokenStoreContract } from '../../../test/contracts/bootstrap-token-store.contract.ts';
import { committedLogContract, committerContract } from '../../../test/contracts/committer.contract.ts';
import { keyFileContract } from '../../../test/contracts/key-file.contract.ts';
import { logStoreContract } from '../../../test/contracts/log-store.contract.ts';
import { logReaderContract, readerContract } from '../../../test/contracts/reader.contract.ts';
import { slotFileStoreContract } from '../../../test/contracts/slot-file-store.contract.ts';
import { unsealJournalContract } from '../../../test/contracts/unseal-journal.contract.ts';
import { vaultDatabaseContract } from '../../../test/contracts/vault-database.contract.ts';
import { openSqlite } from '../../../test/support/sqlite-bench.ts';
import { temporaryDirectory } from '../../../test/support/temp-dir.ts';
import { DatabaseLock } from './database-lock.ts';
import { FileBootstrapTokenStore } from './file-bootstrap-token-store.ts';
import { FileSlotStore } from './file-slot-store.ts';
import { FileUnsealJournal } from './file-unseal-journal.ts';
import { NamedKeyFile } from './named-key-file.ts';
import { SqliteDatabase } from './sqlite-database.ts';

readerContract('SQLite', openSqlite);
committerContract('SQLite', openSqlite);
logReaderContract('SQLite', openSqlite);
committedLogContract('SQLite', openSqlite);
logStoreContract('SQLite', openSqlite);

vaultDatabaseContract('SQLite', () => {
  const lock = new DatabaseLock(temporaryDirectory());
  onTestFinished(() => lock.release());
  return new SqliteDatabase(lock);
});

/** Adapters of files, made anew over one directory as a restart does. */
function inDirectory<Store>(Adapter: new (directory: string) => Store): () => () => Store {
  return () => {
    const directory = temporaryDirectory();
    return () => new Adapter(directory);
  };
}

slotFileStoreContract('a directory', inDirectory(FileSlotStore));
bootstrapTokenStoreContract('a directory', inDirectory(FileBootstrapTokenStore));
unsealJournalContract('a directory', inDirectory(FileUnsealJournal));

keyFileContract('a path that the settings name', () => {
  const path = join(temporaryDirectory(), 'unseal.key');
  return {
    file: new NamedKeyFile(path),
    none: new NamedKeyFile(undefined),
    put: (content) => (content === undefined ? rmSync(path) : writeFileSync(path, content)),
  };
});
