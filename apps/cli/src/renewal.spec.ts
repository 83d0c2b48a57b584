import { describe, expect, it } from 'vitest';
import { untilBegun, untilRenewal } from './renewal.ts';

const hour = 3_600_000;
const certificate = { validFromDate: new Date(0), validToDate: new Date(hour) };

describe('untilRenewal', () => {
  it('is over after two thirds of a certificate, and stays over', () => {
    expect(untilRenewal(certificate, (hour * 2) / 3 - 1)).toBeCloseTo(1);
    expect([(hour * 2) / 3, hour, hour * 9].map((now) => untilRenewal(certificate, now))).toEqual([0, 0, 0]);
  });

  it('is never longer than a minute, because clocks are set', () => {
    expect(untilRenewal(certificate, 0)).toBe(60_000);
    expect(untilRenewal(certificate, -hour)).toBe(60_000);
  });
});

describe('untilBegun', () => {
  it('is the rest of the second in which a certificate begins, and nothing once it has', () => {
    expect([-800, 0, hour].map((now) => untilBegun(certificate, now))).toEqual([800, 0, 0]);
  });

  it('is soon over where the clock is far behind', () => {
    expect(untilBegun(certificate, -hour)).toBe(3_000);
  });
});
