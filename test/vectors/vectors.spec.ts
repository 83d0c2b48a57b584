import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readVectors, VECTOR_FILES } from '../support/vectors.ts';

describe('test/vectors', () => {
  it('holds the known files and no others', () => {
    const found = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.json'));
    expect(found.sort()).toEqual([...VECTOR_FILES].sort());
  });

  it.each(VECTOR_FILES)('%s has its known hash and number of vectors', (name) => {
    expect(readVectors(name).vectors.length).toBeGreaterThan(0);
  });
});
