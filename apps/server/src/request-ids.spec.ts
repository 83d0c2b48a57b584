import { expect, it } from 'vitest';
import { RequestIds } from './request-ids.ts';

it('gives every request another id of 96 bits, over many fillings of its pool', () => {
  const ids = new RequestIds();
  const given = Array.from({ length: 10_000 }, () => ids.next());
  expect(new Set(given).size).toBe(given.length);
  expect(given.every((id) => /^[A-Za-z0-9_-]{16}$/.test(id))).toBe(true);
});
