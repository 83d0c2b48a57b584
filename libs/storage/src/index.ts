/** The adapters of every port: an encrypted SQLite database through TypeORM, and the small files beside it. */
export { DatabaseLock } from './database-lock.ts';
export { StorageError, type StorageCode, type WriteProblem } from './errors.ts';
export { FileBootstrapTokenStore } from './file-bootstrap-token-store.ts';
export { FileSlotStore } from './file-slot-store.ts';
export { FileUnsealJournal } from './file-unseal-journal.ts';
export { GroupCommitter, type CommitterSurroundings } from './group-committer.ts';
export { NamedKeyFile } from './named-key-file.ts';
export { makePrivateDirectory, readIfThere, replaceFile } from './private-files.ts';
export { SqliteDatabase } from './sqlite-database.ts';
export { TypeormLogStore } from './typeorm-log-store.ts';
