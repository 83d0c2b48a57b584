import { beforeEach, describe, expect, it } from 'vitest';
import { PathMemo } from './path-memo.ts';

const LIMIT = 64 * 1024;

let memo: PathMemo<string>;
beforeEach(() => void (memo = new PathMemo(({ length }) => length, LIMIT)));

/** Bytes of what is remembered of these paths. */
function remembered(paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + (memo.get(path)?.length ?? 0), 0);
}

describe('what is remembered of paths', () => {
  it('is what was set last', () => {
    memo.set('a/b', 'one');
    expect(memo.set('a/b', 'two')).toBe('two');
    expect([memo.get('a/b'), memo.get('a')]).toEqual(['two', undefined]);
    memo.clear();
    expect(memo.get('a/b')).toBeUndefined();
  });

  it('never takes more bytes than it may, however large each value is', () => {
    const paths = Array.from({ length: 100 }, (_, i) => `a/${i}`);
    for (const [at, path] of paths.entries()) {
      memo.set(path, 'x'.repeat(8_400));
      expect(memo.get(path)).toBeDefined();
      expect(remembered(paths.slice(0, at + 1))).toBeLessThanOrEqual(LIMIT);
    }
  });

  it('counts what it keeps for an entry too, so that there is no number of small ones that fills the memory', () => {
    const paths = Array.from({ length: 10_000 }, (_, i) => `a/${i}`);
    for (const path of paths) memo.set(path, '');
    expect(paths.filter((path) => memo.get(path) !== undefined).length).toBeLessThan(LIMIT / 100);
  });

  it('is one value for a path: setting it again takes no more room', () => {
    memo.set('kept', '');
    for (let i = 0; i < 1_000; i += 1) memo.set('a/b', 'x'.repeat(1_000));
    expect(memo.get('kept')).toBe('');
  });
});
