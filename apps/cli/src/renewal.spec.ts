import { describe, expect, it } from 'vitest';
import { untilRenewal } from './renewal.ts';

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
