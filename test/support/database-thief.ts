import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SecretBytes } from '#crypto';
import { systemClock } from '#identity';
import { Vault, VaultDatabase } from '#keys';
import { FileSlotStore } from '#storage';
import Database from 'better-sqlite3-multiple-ciphers';
import type { Installation } from './installation.ts';

/** Takes the key of the database's pages from whoever opens the vault, and opens nothing. */
class KeyCatcher extends VaultDatabase {
  caught = Buffer.alloc(0);

  exists(): Promise<boolean> {
    return Promise.resolve(true);
  }

  open(key: SecretBytes): Promise<never> {
    this.caught = Buffer.from(key.bytes);
    return Promise.reject(new Error('caught'));
  }

  discard(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The true key of the pages of an installation's database: 32 bytes, from its slot file and its key file. */
export async function stealDatabaseKey({ dataDir, keyFile }: Pick<Installation, 'dataDir' | 'keyFile'>): Promise<Buffer> {
  const database = new KeyCatcher();
  const vault = new Vault(new FileSlotStore(dataDir), database, { records: [], serves: [] }, systemClock);
  await vault.start();
  const key = new SecretBytes(Buffer.from(readFileSync(keyFile, 'utf8'), 'base64'));
  await vault.unseal({ kind: 'file', key }, () => Promise.resolve()).catch(() => undefined);
  if (database.caught.length !== 32) throw new Error('no key was caught');
  return database.caught;
}

/** The database of a data directory, opened past the server with the true key: whoever has this can write every row. */
export function openAsThief(dataDir: string, key: Buffer): Database {
  const handle = new Database(join(dataDir, 'holdfast.db'));
  handle.pragma("cipher = 'aegis'");
  handle.pragma("algorithm = 'aegis-256'");
  handle.key(Buffer.concat([Buffer.from('raw:'), key]));
  return handle;
}
