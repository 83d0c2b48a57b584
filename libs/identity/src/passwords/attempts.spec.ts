import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import { Attempts } from './attempts.ts';

describe('attempts', () => {
  it('are free at first, and then the wait doubles up to a quarter of an hour', () => {
    const clock = new FakeClock();
    const attempts = new Attempts({ free: 3 }, clock);
    const begin = (): boolean => attempts.begin('a');
    expect([begin(), begin(), begin(), begin()]).toEqual([true, true, true, false]);
    for (const wait of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]) {
      clock.advance(wait * 1000 - 1);
      expect(begin()).toBe(false);
      clock.advance(1);
      expect(begin()).toBe(true);
    }
  });

  it('wait for no longer than is said, from the first wait on', () => {
    const clock = new FakeClock();
    const attempts = new Attempts({ free: 1, firstWaitMs: 30_000, longestWaitMs: 60_000 }, clock);
    for (const wait of [0, 30, 60, 60]) {
      clock.advance(wait * 1000);
      expect([attempts.begin('a'), attempts.begin('a')]).toEqual([true, false]);
    }
  });

  it('of others do not count', () => {
    const attempts = new Attempts({ free: 1 }, new FakeClock());
    expect([attempts.begin('a'), attempts.begin('a'), attempts.begin('b')]).toEqual([true, false, true]);
  });

  it('are forgotten after a success', () => {
    const attempts = new Attempts({ free: 1 }, new FakeClock());
    attempts.begin('a');
    attempts.succeeded('a');
    expect(attempts.begin('a')).toBe(true);
  });

  it('take no more memory however many there are', () => {
    const attempts = new Attempts({ free: 1 }, new FakeClock());
    for (let i = 0; i < 10_001; i += 1) attempts.begin(`key ${i}`);
    expect(attempts.begin('key 10000')).toBe(false);
    expect(attempts.begin('key 0')).toBe(true);
  });
});
