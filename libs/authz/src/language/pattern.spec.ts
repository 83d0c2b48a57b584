import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, Pattern } from './pattern.ts';

const matches = (pattern: string, resource: string) => compilePattern(pattern)(resource);

describe('a pattern', () => {
  it.each([
    ['payments/prod/db', 'payments/prod/db', true],
    ['payments/prod/db', 'payments/prod/DB', false],
    ['payments/prod/db', 'payments/prod/db/x', false],
    ['payments/prod/db', 'payments/prod', false],
    ['payments/*', 'payments/prod', true],
    ['payments/*', 'payments/prod/db', false],
    ['payments/*', 'payments', false],
    ['payments/**', 'payments', false],
    ['payments/**', 'payments/prod', true],
    ['payments/**', 'payments/prod/eu/db', true],
    ['payments/**', 'payments-eu/prod', false],
    ['**', 'payments', true],
    ['**', 'payments/prod/db', true],
    ['**/db', 'payments/db', true],
    ['**/db', 'db', false],
    ['**/db/**', 'a/b/db/c', true],
    ['**/db/**', 'a/db', false],
    ['a/**/b/**/c', 'a/x/b/b/y/c', true],
    ['a/**/b/**/c', 'a/b/x/c', false],
    ['payments/prod/root-*', 'payments/prod/root-', true],
    ['payments/prod/root-*', 'payments/prod/root', false],
    ['*-key', 'api-key', true],
    ['a*b*c', 'a--b--c', true],
    ['a*b*c', 'abc', true],
    ['a*bc', 'abbc', true],
    ['ab*ba', 'aba', false],
    ['spiffe://acme.internal/ns/*/sa/api', 'spiffe://acme.internal/ns/payments/sa/api', true],
    ['spiffe://acme.internal/ns/*/sa/api', 'spiffe://acme.internal/ns/a/b/sa/api', false],
    ['spiffe://*/x', 'spiffe:///x', false],
    ['operator:*', 'operator:alice', true],
    ['a.b', 'axb', false],
  ])('%s on %s: %s', (pattern, resource, expected) => {
    expect(matches(pattern, resource)).toBe(expected);
  });

  it('takes a resource that itself means everything below only with **', () => {
    expect(matches('*', '**')).toBe(false);
    expect(matches('payments/*', 'payments/**')).toBe(false);
    expect(matches('payments/**', 'payments/**')).toBe(true);
  });

  it('refuses ** inside a segment', () => {
    expect(() => compilePattern('payments/a**')).toThrow('not a role');
  });

  it('stays fast on a pattern made to backtrack', () => {
    const started = performance.now();
    expect(matches(`${'**/a/'.repeat(60)}b`, 'a/'.repeat(250) + 'c')).toBe(false);
    expect(matches(`${'*a'.repeat(32)}b`, 'a'.repeat(64))).toBe(false);
    expect(performance.now() - started).toBeLessThan(100);
  });

  const segment = fc.constantFrom('a', 'b', 'ab', 'ba', 'abab');
  const wanted = fc.oneof(segment, fc.constantFrom('*', '**', 'a*', '*b', 'a*b*'));

  it('reaches below a prefix whenever something there matches, and covers it only when all there does', () => {
    const path = (part: fc.Arbitrary<string>, least: number) => fc.array(part, { minLength: least, maxLength: 4 });
    fc.assert(
      fc.property(path(wanted, 1), path(segment, 0), path(segment, 1), (parts, prefix, rest) => {
        const pattern = new Pattern(parts.join('/'));
        const matched = pattern.matches([...prefix, ...rest]);
        expect(!matched || pattern.reachesBelow(prefix)).toBe(true);
        expect(matched || !pattern.coversBelow(prefix)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
