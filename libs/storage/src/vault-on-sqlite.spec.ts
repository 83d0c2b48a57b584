import { LogWriter } from '#auditing';
import { SecretBytes } from '#crypto';
import { KeyringHolder, Vault, type NewKeyring } from '#keys';
import { describe, expect, it, onTestFinished } from 'vitest';
import { change, read, secretRow } from '../../../test/support/database-bench.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { temporaryDirectory } from '../../../test/support/temp-dir.ts';
import { DatabaseLock } from './database-lock.ts';
import { FileSlotStore } from './file-slot-store.ts';
import { GroupCommitter } from './group-committer.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { TypeormLogStore } from './typeorm-log-store.ts';

const slot = () => ({ kind: 'file', key: new SecretBytes(Buffer.alloc(32, 3)) }) as const;
const plan = () => ({ trustDomain: 'acme.internal', slots: [slot()] });

/** The server's storage without its edge: the real vault, log and committer over a real directory. */
async function start() {
  const directory = temporaryDirectory();
  const clock = new FakeClock();
  const lock = new DatabaseLock(directory);
  const database = new SqliteDatabase(lock);
  const log = new LogWriter(new TypeormLogStore(database), clock);
  const keys = new KeyringHolder();
  const committer = new GroupCommitter(database, log, { observers: [keys], expecting: () => 0, fatal: () => undefined });
  const vault = new Vault(new FileSlotStore(directory), database, { records: [keys, log, committer], serves: [] }, clock);
  onTestFinished(() => lock.release());
  onTestFinished(() => vault.seal().catch(() => undefined));
  await vault.start();
  const record = async ({ writes }: NewKeyring) => committer.commit(change('init', ...writes));
  const unseal = () => vault.unseal(slot(), async () => void (await committer.commit(read('unseal'))));
  return { database, log, committer, vault, record, unseal };
}

describe('the vault on SQLite', () => {
  it('initializes, unseals, and goes on behind what it sealed', async () => {
    const { vault, record, unseal, committer, log, database } = await start();
    expect(await vault.initialize(plan(), record)).toBe('committed');
    await unseal();
    await committer.commit(change('1', secretRow('a')));
    await vault.seal();
    await unseal();
    expect(log.size).toBe(4);
    expect((await database.reader.find('secret', 'a'))?.rev).toBe(1);
    expect(vault.state()).toBe('unsealed');
  });

  it('begins anew after an initialization that was cut short', async () => {
    const { vault, record } = await start();
    const cut = () => Promise.reject(new Error('cut short'));
    await expect(vault.initialize(plan(), cut)).rejects.toThrow('cut short');
    expect(await vault.initialize(plan(), record)).toBe('committed');
  });

  it('does not unseal without one of its keys', async () => {
    const { vault, record, unseal, database } = await start();
    await vault.initialize(plan(), record);
    await unseal();
    database.opened.writer.handle.exec("DELETE FROM record WHERE kind = 'key' AND key = 'token'");
    await vault.seal();
    await expect(unseal()).rejects.toMatchObject({ name: 'KeysError' });
    expect(vault.state()).toBe('sealed');
  });
});
