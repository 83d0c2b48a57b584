import { describe, expect, it } from 'vitest';
import { RandomPool } from './random-pool.ts';

describe('a pool of random bytes', () => {
  it('hands out no byte twice, over any number of fillings', () => {
    const pool = new RandomPool(40);
    const texts = Array.from({ length: 1_000 }, () => pool.text(16, 'hex'));
    expect(new Set(texts).size).toBe(1_000);
    expect(texts.every((text) => /^[0-9a-f]{32}$/.test(text))).toBe(true);
  });

  it('hands out bytes that stay as they are', () => {
    const pool = new RandomPool(24);
    const first = pool.bytes(24);
    const copy = Buffer.from(first);
    expect(pool.bytes(24)).not.toEqual(first);
    expect(first).toEqual(copy);
  });

  it('writes them as it is asked to', () => {
    expect(new RandomPool(12).text(12, 'base64url')).toMatch(/^[A-Za-z0-9_-]{16}$/);
  });
});
