import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketRow, Buckets } from './buckets.ts';

const ROW = bucketRow(0, { perSecond: 4, burst: 8 }, 1);

/** How many of so many requests at one moment go through. */
function through(buckets: Buckets, key: string, now: number, tries = 100): number {
  return Array.from({ length: tries }, () => buckets.take(key, ROW, now)).filter((wait) => wait === 0).length;
}

describe('a bucket', () => {
  it('is full at first, and fills at its rate up to its size', () => {
    const buckets = new Buckets(1, 10);
    expect(through(buckets, 'a', 0)).toBe(8);
    expect(through(buckets, 'a', 250)).toBe(1);
    expect(through(buckets, 'a', 1_250)).toBe(4);
    expect(through(buckets, 'a', 3_600_000)).toBe(8);
  });

  it('says how long until there is one again, and then there is', () => {
    const buckets = new Buckets(1, 10);
    through(buckets, 'a', 1_000);
    expect(buckets.take('a', ROW, 1_100)).toBe(150);
    expect(buckets.take('a', ROW, 1_249)).toBe(1);
    expect(buckets.take('a', ROW, 1_250)).toBe(0);
  });

  it('takes back what was given back, and is never fuller than full', () => {
    const buckets = new Buckets(1, 10);
    for (let at = 0; at < 100; at += 1) {
      expect(buckets.take('a', ROW, 0)).toBe(0);
      buckets.giveBack('a', ROW);
    }
    expect(through(buckets, 'a', 0)).toBe(8);
  });

  it('is one for each key and row', () => {
    const buckets = new Buckets(2, 10);
    const other = bucketRow(1, { perSecond: 1, burst: 1 }, 1);
    through(buckets, 'a', 0);
    expect([buckets.take('a', other, 0), buckets.take('b', ROW, 0)]).toEqual([0, 0]);
    expect(buckets.take('a', other, 0)).toBe(1_000);
  });

  it('lets no more through in any time than it holds and what fills in meanwhile', () => {
    const steps = fc.array(fc.record({ later: fc.integer({ min: 0, max: 2_000 }), tries: fc.integer({ min: 1, max: 12 }) }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(steps, (asked) => {
        const buckets = new Buckets(1, 10);
        const passed: number[] = [];
        let now = 0;
        for (const { later, tries } of asked) {
          now += later;
          const got = through(buckets, 'a', now, tries);
          for (let at = 0; at < got; at += 1) passed.push(now);
        }
        for (const [first, from] of passed.entries()) {
          for (let last = first; last < passed.length; last += 1) {
            expect(last - first + 1).toBeLessThanOrEqual(8 + Math.floor(((passed[last] ?? 0) - from) / 250));
          }
        }
      }),
    );
  });

  it.each([
    [0.5, 4, 500],
    [2, 16, 125],
    [0.01, 1, 25_000],
  ])('scaled by %d holds %d and fills one in %d ms', (scale, holds, interval) => {
    const buckets = new Buckets(1, 10);
    const row = bucketRow(0, { perSecond: 4, burst: 8 }, scale);
    expect(Array.from({ length: 100 }, () => buckets.take('a', row, 0)).filter((wait) => wait === 0)).toHaveLength(holds);
    expect(buckets.take('a', row, 0)).toBe(interval);
  });
});

describe('the buckets', () => {
  it('forget those longest unused, and nobody who still asks', () => {
    const buckets = new Buckets(1, 10);
    through(buckets, 'asks', 0);
    through(buckets, 'rests', 0);
    for (let at = 0; at < 100; at += 1) {
      buckets.take(`other ${at}`, ROW, 0);
      expect(buckets.take('asks', ROW, 0)).toBeGreaterThan(0);
    }
    expect(through(buckets, 'rests', 0)).toBe(8);
  });

  it('take no more memory however many keys there are', () => {
    const buckets = new Buckets(1, 1_000);
    const before = process.memoryUsage().arrayBuffers;
    for (let at = 0; at < 200_000; at += 1) buckets.take(`key ${at}`, ROW, 0);
    expect(buckets.size).toBeLessThanOrEqual(1_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 2 ** 20);
  });
});
