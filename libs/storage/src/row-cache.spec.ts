import { describe, expect, it } from 'vitest';
import { secretRow } from '../../../test/support/database-bench.ts';
import { RowCache } from './row-cache.ts';

describe('the row cache', () => {
  /** Room for three small rows and not for four. */
  const small = () => new RowCache(3 * 300);

  it('drops what was used the longest ago', () => {
    const cache = small();
    for (const key of ['a', 'b', 'c']) cache.put(secretRow(key));
    cache.get('secret', 'a');
    cache.put(secretRow('d'));
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.get('secret', key))).toEqual(['a', 'c', 'd']);
  });

  it('keeps kinds apart', () => {
    const cache = small();
    cache.put(secretRow('a'));
    expect(cache.get('role', 'a')).toBeUndefined();
  });

  it('counts a replaced or dropped row no more', () => {
    const cache = small();
    for (let rev = 1; rev < 100; rev++) cache.put(secretRow('a', rev));
    cache.put(secretRow('b'));
    cache.drop(secretRow('b'));
    cache.put(secretRow('c'));
    cache.put(secretRow('d'));
    expect(cache.get('secret', 'a')?.rev).toBe(99);
    expect(cache.get('secret', 'b')).toBeUndefined();
  });

  it('does not keep a row larger than itself', () => {
    const cache = small();
    cache.put(secretRow('a', 1, 'x'.repeat(1_000)));
    expect(cache.get('secret', 'a')).toBeUndefined();
  });

  it('is empty once cleared', () => {
    const cache = small();
    cache.put(secretRow('a'));
    cache.clear();
    expect(cache.get('secret', 'a')).toBeUndefined();
  });
});
