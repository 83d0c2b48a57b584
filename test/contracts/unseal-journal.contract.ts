import type { UnsealJournal } from '#keys';
import { describe, expect, it } from 'vitest';

/** What every `UnsealJournal` keeps. What `make` answers makes it anew over the same place, as a restart does. */
export function unsealJournalContract(name: string, make: () => () => UnsealJournal): void {
  describe(`the unseal journal of ${name}`, () => {
    it('is empty at first, and clearing it is fine', async () => {
      const journal = make()();
      await journal.clear();
      expect(await journal.read()).toEqual([]);
    });

    it('keeps its lines in order, over restarts', async () => {
      const start = make();
      await start().append('{"at":1}');
      await start().append('{"at":2}');
      await start().append('{"at":"ü"}');
      expect(await start().read()).toEqual(['{"at":1}', '{"at":2}', '{"at":"ü"}']);
    });

    it('is empty once cleared, and can be added to again', async () => {
      const start = make();
      await start().append('one');
      await start().clear();
      expect(await start().read()).toEqual([]);
      await start().append('two');
      expect(await start().read()).toEqual(['two']);
    });
  });
}
