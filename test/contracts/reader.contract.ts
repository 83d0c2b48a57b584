import { describe, expect, it } from 'vitest';
import { change, read, roleRow, secretRow, type LogBench, type RowBench } from '../support/database-bench.ts';
import { entriesOf } from '../support/fake-log.ts';

/** What every `Reader` keeps of rows. */
export function readerContract(engine: string, make: () => Promise<RowBench>): void {
  describe(`the reader of ${engine}`, () => {
    it('finds a committed row as it was written, and nothing elsewhere', async () => {
      const { reader, committer } = await make();
      const row = { ...secretRow('a1'), wrapped: Buffer.from('key') };
      await committer.commit(change('1', row));
      expect(await reader.find('secret', 'a1')).toEqual(row);
      expect(await reader.find('secret', 'a')).toBeUndefined();
      expect(await reader.find('role', 'a1')).toBeUndefined();
    });

    it('sees a change of a row that it has looked at before', async () => {
      const { reader, committer } = await make();
      await committer.commit(change('1', secretRow('a1')));
      await reader.find('secret', 'a1');
      await committer.commit(change('2', secretRow('a1', 2)));
      expect((await reader.find('secret', 'a1'))?.rev).toBe(2);
      await committer.commit(change('3', { ...secretRow('a1', 3), sealed: null }));
      expect(await reader.find('secret', 'a1')).toBeUndefined();
    });

    it('answers the same object as long as the row stands, so that what is derived from it can be kept', async () => {
      const { reader, committer } = await make();
      await committer.commit(change('1', secretRow('a1')));
      expect(await reader.find('secret', 'a1')).toBe(await reader.find('secret', 'a1'));
    });

    it('pages through the rows below a prefix in the order of their keys', async () => {
      const { reader, committer } = await make();
      const keys = ['n/a', 'n/a/b', 'n/a-1', 'n/ab', 'n/z', 'n', 'o/a', 'n_a', 'n/0'];
      await committer.commit(change('1', ...keys.map((key) => secretRow(key))));
      const page = async (prefix: string, after: string, limit: number) =>
        (await reader.page('secret', prefix, after, limit)).map((row) => row.key);
      expect(await page('n/', '', 10)).toEqual(['n/0', 'n/a', 'n/a-1', 'n/a/b', 'n/ab', 'n/z']);
      expect(await page('n/', '', 2)).toEqual(['n/0', 'n/a']);
      expect(await page('n/', 'n/a', 2)).toEqual(['n/a-1', 'n/a/b']);
      expect(await page('n/', 'n/z', 2)).toEqual([]);
      expect(await page('', '', 10)).toEqual([...keys].sort());
    });

    it('finds every row of a kind, on however many pages', async () => {
      const { reader, committer } = await make();
      const keys = Array.from({ length: 1_200 }, (_, at) => `k${at}`);
      await committer.commit(change('1', ...keys.map((key) => roleRow(key)), secretRow('k')));
      const found: string[] = [];
      for await (const row of reader.every('role')) found.push(row.key);
      expect(found).toEqual(keys.toSorted());
    });
  });
}

/** What every `Reader` keeps of the log. */
export function logReaderContract(engine: string, make: () => Promise<LogBench>): void {
  describe(`the reader of the log of ${engine}`, () => {
    it('streams the rows of the log that hold the entries asked for', async () => {
      const { reader, committer } = await make();
      for (const at of [0, 1, 2]) {
        await committer.commit({ ...read(`${at}a`), entries: [...read(`${at}a`).entries, ...read(`${at}b`).entries] });
      }
      expect(await entriesOf(reader.log(0, 6))).toEqual(['0a', '0b', '1a', '1b', '2a', '2b']);
      expect(await entriesOf(reader.log(3, 4))).toEqual(['1a', '1b']);
      expect(await entriesOf(reader.log(4, 99))).toEqual(['2a', '2b']);
      expect(await entriesOf(reader.log(6, 99))).toEqual([]);
      expect(await entriesOf(reader.log(2, 2))).toEqual([]);
    });

    it('streams a log of many rows', async () => {
      const { reader, committer } = await make();
      for (let at = 0; at < 150; at++) await committer.commit(read(`${at}`));
      expect(await entriesOf(reader.log(0, 150))).toEqual(Array.from({ length: 150 }, (_, at) => `${at}`));
    });
  });
}
