import type { VaultDatabase } from '#keys';
import { SecretBytes } from '#crypto';
import { describe, expect, it } from 'vitest';

/** What every `VaultDatabase` keeps. The keys are of 32 bytes. */
export function vaultDatabaseContract(engine: string, make: () => VaultDatabase): void {
  const key = (byte = 1) => new SecretBytes(Buffer.alloc(32, byte));

  describe(`the database of ${engine}, as the vault sees it`, () => {
    it('does not exist before it is first opened', async () => {
      const database = make();
      expect(await database.exists()).toBe(false);
      await database.open(key());
      await database.close();
      expect(await database.exists()).toBe(true);
    });

    it('opens again with its key, which may be wiped in between', async () => {
      const database = make();
      const first = key();
      await database.open(first);
      first.wipe();
      await database.close();
      const reader = await database.open(key());
      expect(await reader.page('key', '', '', 10)).toEqual([]);
      await database.close();
    });

    it('does not open with another key, and still opens with its own', async () => {
      const database = make();
      await database.open(key());
      await database.close();
      await expect(database.open(key(2))).rejects.toMatchObject({ code: 'wrong_key' });
      await database.open(key());
      await database.close();
    });

    it('answers nothing while it is closed', async () => {
      const database = make();
      const reader = await database.open(key());
      await database.close();
      await expect(reader.find('key', 'record')).rejects.toMatchObject({ name: 'AuthzError', code: 'sealed' });
    });

    it('can be closed twice', async () => {
      const database = make();
      await database.open(key());
      await database.close();
      await expect(database.close()).resolves.toBeUndefined();
    });

    it('is gone once discarded, and opens anew with any key', async () => {
      const database = make();
      await database.open(key());
      await database.close();
      await database.discard();
      expect(await database.exists()).toBe(false);
      await database.open(key(2));
      await database.close();
    });
  });
}
