import { describe, expect, it } from 'vitest';
import { read, type LogBench } from '../support/database-bench.ts';

/** What every engine's `LogStore` keeps. */
export function logStoreContract(engine: string, make: () => Promise<LogBench>): void {
  describe(`the log store of ${engine}`, () => {
    it('knows nothing of an empty log', async () => {
      const { logStore } = await make();
      expect(await logStore.lastRow()).toBeUndefined();
      expect(await logStore.segmentKey(1)).toBeUndefined();
      expect(await logStore.lastCheckpoint()).toBeUndefined();
    });

    it('answers the last row, and the key of its segment', async () => {
      const { logStore, committer } = await make();
      for (const id of ['1', '2', '3']) await committer.commit(read(id));
      expect(await logStore.lastRow()).toEqual({ firstIndex: 2, count: 1, segment: 1, sealed: Buffer.from('["3"]') });
      expect(await logStore.segmentKey(1)).toEqual(Buffer.from('wrapped'));
    });

    it('answers the last checkpoint', async () => {
      const { logStore, committer, signNow } = await make();
      for (const id of ['1', '2']) {
        await committer.commit(read(id));
        await signNow();
      }
      expect(await logStore.lastCheckpoint()).toEqual({ size: 2, note: 'checkpoint of 2' });
    });
  });
}
