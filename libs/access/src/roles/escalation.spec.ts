import fc from 'fast-check';
import { compilePattern } from '#authz';
import { describe, expect, it } from 'vitest';
import { meet } from './escalation.ts';

describe('two patterns of SPIFFE IDs', () => {
  it.each([
    ['spiffe://a/ns/*/sa/*', 'spiffe://a/ns/x/sa/y', true],
    ['spiffe://a/ns/*/sa/*', 'spiffe://a/**', true],
    ['spiffe://a/ns/*/sa/*', 'spiffe://a/ns/**', true],
    ['spiffe://a/ns/*/sa/*', 'spiffe://a/*/x/**', true],
    ['spiffe://a/ns/*/sa/*', 'spiffe://a/**/y', true],
    ['spiffe://a/ns/*/sa/*', 'spiffe://a/ns/x/sa', false],
    ['spiffe://a/ns/*/sa/*', 'spiffe://a/ns/x/sa/y/z', false],
    ['spiffe://a/ns/*/sa/*', 'spiffe://a/nt/x/sa/y', false],
    ['spiffe://a/ns/*/sa/*', 'spiffe://b/**', false],
    ['spiffe://a/ns/*/sa/*', 'operator:alice', false],
    ['spiffe://a/**', 'spiffe://a', false],
  ])('%s and %s meet: %s', (pattern, bind, expected) => {
    expect([meet(pattern, bind), meet(bind, pattern)]).toEqual([expected, expected]);
  });

  it('meet wherever an ID fits both', () => {
    const segment = fc.constantFrom('x', 'y', '*', '**', 'x*');
    const pattern = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => segments.join('/'));
    const id = fc.array(fc.constantFrom('x', 'y', 'xy'), { minLength: 1, maxLength: 6 }).map((segments) => segments.join('/'));
    let both = 0;
    fc.assert(
      fc.property(pattern, pattern, id, (a, b, text) => {
        if (!compilePattern(a)(text) || !compilePattern(b)(text)) return;
        both += 1;
        expect(meet(a, b)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
    expect(both).toBeGreaterThan(50);
  });

  it('meet where patterns without parts of a segment have an ID in common, and nowhere else', () => {
    const pattern = fc.array(fc.constantFrom('x', 'y', '*', '**'), { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
    const ids = wordsOf(['x', 'y', 'z'], 6);
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        const [fitsA, fitsB] = [compilePattern(a), compilePattern(b)];
        expect(meet(a, b)).toBe(ids.some((id) => fitsA(id) && fitsB(id)));
      }),
      { numRuns: 200 },
    );
  });

  it('are compared at once, however deep they are', () => {
    const deep = Array.from({ length: 300 }, (_, at) => (at % 2 ? '**' : '*')).join('/');
    expect(meet(deep, `${deep}/x`)).toBe(true);
  });
});

function wordsOf(segments: readonly string[], depth: number): string[] {
  if (depth === 1) return [...segments];
  return [...segments, ...wordsOf(segments, depth - 1).flatMap((rest) => segments.map((segment) => `${segment}/${rest}`))];
}
