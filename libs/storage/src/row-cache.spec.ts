import { describe, expect, it } from 'vitest';
import { secretRow } from '../../../test/support/database-bench.ts';
import { RowCache } from './row-cache.ts';

describe('the row cache', () => {
  /** Room for two small rows in each generation, and not for three. */
  const small = () => new RowCache(4 * 300);
  const kept = (cache: RowCache, keys: string) => [...keys].filter((key) => cache.get('secret', key)).join('');

  it('drops what was used the longest ago', () => {
    const cache = small();
    for (const key of 'abc') cache.put(secretRow(key));
    cache.get('secret', 'a');
    cache.put(secretRow('d'));
    expect(kept(cache, 'acd')).toBe('acd');
    expect(kept(cache, 'b')).toBe('');
  });

  it('never holds more than fits', () => {
    const cache = small();
    const keys = 'abcdefghijklmnopqrstuvwxyz';
    for (const key of keys) cache.put(secretRow(key));
    expect(kept(cache, [...keys].toReversed().join('')).length).toBeLessThanOrEqual(4);
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
