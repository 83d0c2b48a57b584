import type { SlotFileStore } from '#keys';
import { describe, expect, it } from 'vitest';

/** What every `SlotFileStore` keeps. What `make` answers makes it anew over the same place, as a restart does. */
export function slotFileStoreContract(name: string, make: () => () => SlotFileStore): void {
  describe(`the slot file store of ${name}`, () => {
    it('has nothing at first', async () => {
      expect(await make()().read()).toBeUndefined();
    });

    it('keeps the text to the last byte, over a restart', async () => {
      const start = make();
      await start().write('{"a": "ü"}\n');
      expect(await start().read()).toBe('{"a": "ü"}\n');
    });

    it('replaces the whole text', async () => {
      const store = make()();
      await store.write('a longer text');
      await store.write('short');
      expect(await store.read()).toBe('short');
    });
  });
}
