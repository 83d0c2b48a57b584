import { SecretBytes } from '#crypto';
import { DatabaseLock, GroupCommitter, SqliteDatabase, TypeormLogStore } from '#storage';
import { onTestFinished } from 'vitest';
import { type DatabaseBench, Observed, WHOLE_LOG } from './database-bench.ts';
import { entriesOf, FakeLog } from './fake-log.ts';
import { temporaryDirectory } from './temp-dir.ts';

/** An open SQLite database, with what only its own specs look at. */
export interface SqliteBench extends DatabaseBench {
  readonly directory: string;
  readonly database: SqliteDatabase;
  readonly committer: GroupCommitter;
  /** How often the committer asked for the process to be stopped. */
  readonly stops: () => number;
  /** Seals and opens again with the same key, log and directory. */
  readonly reopen: () => Promise<void>;
  /** Only seals. */
  readonly seal: () => Promise<void>;
}

export const DATABASE_KEY = Buffer.alloc(32, 7);
const DIGEST_KEY = Buffer.alloc(32, 9);

export async function openSqlite({ directory = temporaryDirectory(), expecting = (): number => 0 } = {}): Promise<SqliteBench> {
  const lock = new DatabaseLock(directory);
  const database = new SqliteDatabase(lock);
  const log = new FakeLog();
  const observed = new Observed();
  let stops = 0;
  const committer = new GroupCommitter(database, log, { observers: [observed], expecting, fatal: () => void stops++ });
  const open = async () => {
    const reader = await database.open(new SecretBytes(Buffer.from(DATABASE_KEY)));
    await committer.unsealed({ digestKey: new SecretBytes(Buffer.from(DIGEST_KEY)) }, reader);
  };
  const close = async () => {
    await committer.sealing();
    await database.close();
  };
  onTestFinished(async () => {
    await close();
    lock.release();
  });
  await open();
  return {
    directory,
    database,
    committer,
    log,
    reader: database.reader,
    logStore: new TypeormLogStore(database),
    observed: observed.writes,
    recorded: () => entriesOf(database.reader.log(...WHOLE_LOG)),
    signNow: () => committer.signNow(),
    stops: () => stops,
    seal: () => committer.sealing(),
    reopen: async () => {
      await close();
      await open();
    },
  };
}
