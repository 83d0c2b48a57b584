import { describe, expect, it } from 'vitest';
import { isCurrent } from './if-none-match.ts';

describe('If-None-Match', () => {
  it.each(['"2.4"', 'W/"2.4"', '"1.1", "2.4"', '"1.1",W/"2.4" , "3.1"', '"a,b", "2.4"', '*', ' * '])('%s holds "2.4"', (header) => {
    expect(isCurrent(header, '"2.4"')).toBe(true);
  });

  it.each([undefined, '', '2.4', '"2.40"', '"12.4"', '"1.1", "2.3"', '"2.4', 'w/2.4', '"*"', '"x"2.4"y"'])('%s does not', (header) => {
    expect(isCurrent(header, '"2.4"')).toBe(false);
  });
});
