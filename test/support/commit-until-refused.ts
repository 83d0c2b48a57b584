/**
 * A program of its own: commits one row after another in the directory named, until that is refused, and prints what became of it
 * as JSON. Its file size is limited from outside, so that the engine's write fails in the middle of a COMMIT.
 */
import { SecretBytes } from '#crypto';
import { DatabaseLock, GroupCommitter, SqliteDatabase } from '#storage';
import { change, read } from './database-bench.ts';
import { FakeLog } from './fake-log.ts';

const [directory = ''] = process.argv.slice(2);
const database = new SqliteDatabase(new DatabaseLock(directory));
let stops = 0;
const committer = new GroupCommitter(database, new FakeLog(), { observers: [], expecting: () => 0, fatal: () => void stops++ });
const reader = await database.open(new SecretBytes(Buffer.alloc(32, 7)));
await committer.unsealed({ digestKey: new SecretBytes(Buffer.alloc(32, 9)) }, reader);

async function attempt(key: string): Promise<unknown> {
  const row = { kind: 'secret', key, rev: 1, sealed: Buffer.alloc(4_000) } as const;
  return committer.commit(change(key, row)).catch(codeOf);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : 'none';
}

const answers: unknown[] = [];
while (answers.length < 1_000 && !answers.some((answer) => answer !== 'committed')) answers.push(await attempt(`${answers.length}`));
const after = await committer.commit(read('after')).catch(codeOf);
console.log(JSON.stringify({ acknowledged: answers.length - 1, refusal: answers.at(-1), after, stops }));
process.exit(0);
