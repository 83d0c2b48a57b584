import { describe, expect, it } from 'vitest';
import { parseLabels, parseSelector } from './labels.ts';
import { mergePatch } from './merge-patch.ts';
import { decodeData, encodeData, parseData } from './secret-data.ts';

describe("a secret's data", () => {
  it('comes back as it went in', () => {
    const data = parseData({
      data: { password: 'p\u00e4ss\n"', 'tls.key': Buffer.from([0, 255]).toString('base64') },
      binary: ['tls.key'],
    });
    expect(decodeData(encodeData(data))).toEqual(data);
  });

  it('may be 1 MiB in all, and no byte more', () => {
    const most = 'x'.repeat(1024 * 1024 - 1);
    expect(parseData({ data: { a: most } }).data).toEqual({ a: most });
    expect(() => parseData({ data: { ab: most } })).toThrow('not what a secret can hold');
    expect(() => parseData({ data: { a: 'é'.repeat(600_000) } })).toThrow('not what a secret can hold');
  });

  it.each([
    [{ data: { '': 'x' } }],
    [{ data: { 'a b': 'x' } }],
    [{ data: { ['__proto__']: 'x' } }],
    [{ data: { constructor: 'x' } }],
    [{ data: { ['a'.repeat(257)]: 'x' } }],
    [{ data: { a: '\ud800' } }],
    [{ data: Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`f${index}`, ''])) }],
    [{ data: { a: 'AAA' }, binary: ['a'] }],
    [{ data: { a: 'AA==' }, binary: ['a', 'a'] }],
    [{ data: { a: 'AB==' }, binary: ['a'] }],
    [{ data: { a: 'AA==' }, binary: ['b'] }],
    [{ data: { a: 'AA==' }, binary: ['toString'] }],
  ])('is not %#', (data) => expect(() => parseData(data)).toThrow('not what a secret can hold'));
});

describe('labels', () => {
  it('are few and plain', () => {
    expect(parseLabels({ tier: 'prototype', 'app.name': 'x' })).toEqual({ tier: 'prototype', 'app.name': 'x' });
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`l${index}`, 'x']));
    for (const labels of [many, { '': 'x' }, { a: '' }, { a: 'b c' }, { constructor: 'x' }, { ['a'.repeat(64)]: 'x' }]) {
      expect(() => parseLabels(labels)).toThrow('not what a secret can hold');
    }
  });

  it.each([
    ['tier=web', true],
    ['tier=we', false],
    ['tier', false],
    ['=web', false],
    ['toString=x', false],
  ])('are found by %s: %s', (label, found) => expect(parseSelector(label)({ tier: 'web' })).toBe(found));
});

describe('a merge patch', () => {
  it('sets, removes and leaves', () => {
    expect(mergePatch({ a: '1', b: '2', c: '3' }, { b: null, c: '4', d: '5', e: null })).toEqual({ a: '1', c: '4', d: '5' });
  });

  it('can name nothing but members', () => {
    const merged = mergePatch({}, JSON.parse('{"__proto__":"x"}'));
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(Object.keys(merged)).toEqual(['__proto__']);
  });
});
