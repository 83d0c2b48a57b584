import { describe, expect, it } from 'vitest';
import { change, read, roleRow, secretRow, type DatabaseBench, type RowBench } from '../support/database-bench.ts';

/** What every `Committer` keeps. */
export function committerContract(engine: string, make: () => Promise<RowBench>): void {
  describe(`the committer of ${engine}`, () => {
    it('brings writes and their entry in together', async () => {
      const { reader, committer, recorded } = await make();
      expect(await committer.commit(change('1', secretRow('a'), roleRow('r')))).toBe('committed');
      expect((await reader.find('secret', 'a'))?.sealed.toString()).toBe('a at 1');
      expect((await reader.find('role', 'r'))?.sealed.toString()).toBe('r at 1');
      expect(await recorded()).toEqual(['1']);
    });

    it('replaces a row as a whole, its wrapped key included', async () => {
      const { reader, committer } = await make();
      await committer.commit(change('1', { ...secretRow('a'), wrapped: Buffer.from('key') }));
      await committer.commit(change('2', secretRow('a', 2)));
      expect(await reader.find('secret', 'a')).toMatchObject({ rev: 2, sealed: Buffer.from('a at 2') });
      expect((await reader.find('secret', 'a'))?.wrapped).toBeUndefined();
    });

    it('writes nothing of a submission whose expectation no longer holds, not even its entry', async () => {
      const { reader, committer, observed, recorded } = await make();
      await committer.commit(change('1', secretRow('a')));
      const late = { ...change('2', secretRow('b')), expects: [{ kind: 'secret', key: 'a', rev: 2 }] } as const;
      expect(await committer.commit(late)).toBe('stale');
      expect(await committer.commit({ ...late, expects: [{ kind: 'secret', key: 'a', rev: 0 }] })).toBe('stale');
      expect(await reader.find('secret', 'b')).toBeUndefined();
      expect(await recorded()).toEqual(['1']);
      expect(observed).toHaveLength(1);
    });

    it('takes an expectation that holds', async () => {
      const { committer } = await make();
      await committer.commit(change('1', secretRow('a')));
      const expects = [{ kind: 'secret', key: 'a', rev: 1 } as const, { kind: 'secret', key: 'b', rev: 0 } as const];
      expect(await committer.commit(read('2', ...expects))).toBe('committed');
    });

    it('treats each write as the expectation of the revision before it', async () => {
      const { reader, committer } = await make();
      await committer.commit(change('1', secretRow('a')));
      expect(await committer.commit(change('2', secretRow('a')))).toBe('stale');
      expect(await committer.commit(change('3', secretRow('a', 3)))).toBe('stale');
      expect(await committer.commit(change('4', { ...secretRow('b', 2), sealed: null }))).toBe('stale');
      expect(await committer.commit(change('5', secretRow('a', 2)))).toBe('committed');
      expect((await reader.find('secret', 'a'))?.rev).toBe(2);
    });

    it('lets exactly one of many win that want the same revision at once', async () => {
      const { committer, recorded } = await make();
      const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => committer.commit(change(`${at}`, secretRow('a')))));
      expect(answers.filter((answer) => answer === 'committed')).toHaveLength(1);
      expect(await recorded()).toEqual(['0']);
    });

    it('shows a submission what those before it in the same commit have changed', async () => {
      const { committer } = await make();
      const answers = await Promise.all([
        committer.commit(change('1', secretRow('a'))),
        committer.commit(change('2', secretRow('a', 2))),
        committer.commit(read('3', { kind: 'secret', key: 'a', rev: 2 })),
        committer.commit(read('4', { kind: 'secret', key: 'a', rev: 1 })),
        committer.commit(change('5', { ...secretRow('a', 3), sealed: null })),
        committer.commit(read('6', { kind: 'secret', key: 'a', rev: 0 })),
      ]);
      expect(answers).toEqual(['committed', 'committed', 'committed', 'stale', 'committed', 'committed']);
    });

    it('keeps the order of submissions in the log', async () => {
      const { committer, recorded } = await make();
      const ids = Array.from({ length: 600 }, (_, at) => `${at}`);
      await Promise.all(ids.map((id) => committer.commit(read(id))));
      expect(await recorded()).toEqual(ids);
    });

    it('refuses one submission that the engine refuses, and commits those around it', async () => {
      const { reader, committer, observed, recorded } = await make();
      const twice = change('2', secretRow('b'), secretRow('c'), secretRow('c'));
      const answers = await Promise.allSettled([
        committer.commit(change('1', secretRow('a'))),
        committer.commit(twice),
        committer.commit(change('3', secretRow('b'))),
      ]);
      expect(answers[0]).toMatchObject({ value: 'committed' });
      expect(answers[1]).toMatchObject({ status: 'rejected', reason: { name: 'AuthzError', code: 'row_refused' } });
      expect(answers[2]).toMatchObject({ value: 'committed' });
      expect(await reader.find('secret', 'c')).toBeUndefined();
      expect(await recorded()).toEqual(['1', '3']);
      expect(observed.map((write) => write.key)).toEqual(['a', 'b']);
    });

    it('refuses a change without a record', async () => {
      const { reader, committer } = await make();
      const unrecorded = { ...change('1', secretRow('a')), entries: [] };
      await expect(committer.commit(unrecorded)).rejects.toMatchObject({ code: 'row_refused' });
      expect(await reader.find('secret', 'a')).toBeUndefined();
    });

    it('tells observers of the writes before it answers', async () => {
      const { committer, observed } = await make();
      const answers: string[] = [];
      const done = committer.commit(change('1', roleRow('r'))).then(() => answers.push(`saw ${observed.length}`));
      await done;
      expect(answers).toEqual(['saw 1']);
      expect(observed[0]).toMatchObject({ kind: 'role', key: 'r', rev: 1 });
    });
  });
}

/** What every engine's `Committer` keeps of a log that it writes as well. */
export function committedLogContract(engine: string, make: () => Promise<DatabaseBench>): void {
  describe(`the committer of ${engine} and its log`, () => {
    it('hands the log the digest of the authority as each commit leaves it', async () => {
      const { committer, log } = await make();
      const digests: (string | undefined)[] = [];
      const commit = async (...submissions: Parameters<typeof change>) => {
        await committer.commit(change(...submissions));
        digests.push(log.resumedAuthority?.toString('hex'));
      };
      await commit('1', roleRow('r'));
      await commit('2', secretRow('a'));
      await commit('3', roleRow('r', 2));
      await commit('4', { ...roleRow('r', 3), sealed: null });
      expect(digests[1]).toBe(digests[0]);
      expect(digests[2]).not.toBe(digests[0]);
      expect(digests[3]).toBe('0'.repeat(64));
    });
  });
}
