/** The adapters of every port: an encrypted SQLite database through TypeORM, and the small files beside it. */
export { DatabaseLock } from './database-lock.ts';
export { StorageError, type StorageCode } from './errors.ts';
export { FileSlotStore } from './file-slot-store.ts';
export { GroupCommitter, type CommitterSurroundings } from './group-committer.ts';
export { makePrivateDirectory, readIfThere, replaceFile } from './private-files.ts';
export { SqliteDatabase } from './sqlite-database.ts';
export { TypeormLogStore } from './typeorm-log-store.ts';
