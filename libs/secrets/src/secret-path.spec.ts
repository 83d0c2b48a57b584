import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namespaceOf, parsePath, parsePrefix } from './secret-path.ts';

const long = 'a'.repeat(64);
const isPath = (text: string) => {
  try {
    return parsePath(text) === text;
  } catch {
    return false;
  }
};

describe('a path', () => {
  it.each(['payments/db', 'payments/prod/eu/db', 'A/b_c-d.e', 'a/...', 'a/.env', 'a/..b', `${long}/${long}`])('may be %s', (text) => {
    expect(parsePath(text)).toBe(text);
  });

  it.each([
    '',
    '/',
    'payments',
    '/payments/db',
    'payments/db/',
    'payments//db',
    'payments/./db',
    'payments/../db',
    '../payments/db',
    'payments/..',
    'payments/.',
    'payments/db\n',
    'payments/d b',
    'payments/caf\u00e9',
    'payments/cafe\u0301',
    'payments/%2e%2e',
    'payments\\db',
    'payments/db\0',
    'payments/*',
    'payments/db:versions',
    `a/${long}a`,
    'a/'.repeat(300) + 'b',
  ])('is not %j', (text) => expect(() => parsePath(text)).toThrow('not the path of a secret'));

  it('is taken as it stands or refused, never changed', () => {
    const parts = fc.constantFrom('a', '.', '..', '/', '', 'payments', 'b-1', '%', ' ', 'é');
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        const segments = text.split('/');
        const sound = segments.length > 1 && segments.every((s) => /^[A-Za-z0-9._-]{1,64}$/.test(s) && s !== '.' && s !== '..');
        expect(isPath(text)).toBe(sound);
      }),
      { numRuns: 2_000 },
    );
  });

  it('begins with its namespace', () => expect(['a/b/c', 'a'].map(namespaceOf)).toEqual(['a', 'a']));
});

describe('a prefix', () => {
  it.each([
    ['', ''],
    ['payments', 'payments'],
    ['payments/', 'payments'],
    ['payments/prod/', 'payments/prod'],
  ])('%j means %j', (text, prefix) => expect(parsePrefix(text)).toBe(prefix));

  it.each(['/', '//', 'a//', 'a/../b', '..', 'a b'])('is not %j', (text) =>
    expect(() => parsePrefix(text)).toThrow('not the path of a secret'),
  );
});
