import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContractError } from './errors.ts';
import { parseStrictJson } from './strict-json.ts';

const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];

function refusal(text: string | Uint8Array): string {
  try {
    parseStrictJson(text);
  } catch (error) {
    if (error instanceof ContractError) return error.code;
    throw error;
  }
  return 'accepted';
}

const key = fc.string({ unit: 'binary' }).filter((text) => !FORBIDDEN.includes(text) && text.isWellFormed());
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5 }),
  ),
}));

describe('parseStrictJson', () => {
  it('reads whatever JSON.stringify writes, from text and from bytes, dense and spaced', () => {
    fc.assert(
      fc.property(value, (original) => {
        for (const text of [JSON.stringify(original), JSON.stringify(original, null, '\t')]) {
          const expected: unknown = JSON.parse(text);
          expect(parseStrictJson(text)).toEqual(expected);
          expect(parseStrictJson(Buffer.from(text))).toEqual(expected);
        }
      }),
    );
  });

  it('accepts nothing that JSON.parse refuses, and throws nothing but its own errors', () => {
    const alphabet = fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', '1', '-', 'e', '.', 'u', 'a', ' ', '\n', 'null');
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 24 }), (text) => {
        const outcome = refusal(text);
        const parsed = outcome === 'accepted' ? parseStrictJson(text) : undefined;
        expect(parsed).toEqual(outcome === 'accepted' ? JSON.parse(text) : undefined);
      }),
      { numRuns: 5_000 },
    );
  });

  it('refuses a key that is named twice, however it is escaped and wherever it lies', () => {
    fc.assert(
      fc.property(key, value, (name, other) => {
        const escaped = [...Array(name.length).keys()].map((at) => `\\u${name.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
        const twice = `{${JSON.stringify(name)}:${JSON.stringify(other)},"${escaped}" : 2}`;
        expect(refusal(`[{"in":${twice}}]`)).toBe('duplicate_key');
      }),
    );
  });

  it.each(FORBIDDEN)('refuses the key %s at any depth', (name) => {
    expect(refusal(`{"${name}":{}}`)).toBe('forbidden_key');
    expect(refusal(`{"a":[{"${name}" :1}]}`)).toBe('forbidden_key');
    expect(refusal(`{"a":"${name}"}`)).toBe('accepted');
  });

  it('sees through an escaped __proto__', () => {
    expect(refusal('{"\\u005f_proto__":{"admin":true}}')).toBe('forbidden_key');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('lets the same key stand in two objects', () => {
    expect(parseStrictJson('[{"a":1},{"a":{"a":2}}]')).toEqual([{ a: 1 }, { a: { a: 2 } }]);
  });

  it.each([
    ['nothing', ''],
    ['a byte order mark', '\ufeff{}'],
    ['a trailing comma', '{"a":1,}'],
    ['two values', '{} {}'],
    ['a comment', '{}//'],
    ['NaN', '[NaN]'],
    ['an infinity', '[1e400]'],
    ['an integer that a double rounds', '[9007199254740993]'],
    ['a leading zero', '[01]'],
    ['a lone surrogate', '["\ud800"]'],
    ['an escaped lone surrogate', '["\\ud800"]'],
    ['an unclosed string', '["a'],
    ['an escaped closing quote', '["a\\"]'],
    ['a control character in a string', '["\u0001"]'],
    ['an unclosed object', '{"a":1'],
  ])('refuses %s', (_, text) => {
    expect(refusal(text)).toBe('malformed_json');
  });

  it.each([
    ['a byte order mark', [0xef, 0xbb, 0xbf, 0x7b, 0x7d]],
    ['an overlong encoding', [0x22, 0xc0, 0xaf, 0x22]],
    ['an encoded surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['UTF-16', [0x7b, 0x00, 0x7d, 0x00]],
  ])('refuses bytes with %s', (_, bytes) => {
    expect(refusal(Buffer.from(bytes))).toBe('malformed_json');
  });

  it('reads surrogate pairs, raw and escaped', () => {
    expect(parseStrictJson('["\u{1f511}","\\ud83d\\udd11"]')).toEqual(['\u{1f511}', '\u{1f511}']);
  });

  it('refuses nesting and breadth that no schema takes, before it builds anything', () => {
    expect(refusal('['.repeat(64) + ']'.repeat(64))).toBe('accepted');
    expect(refusal('['.repeat(65) + ']'.repeat(65))).toBe('json_too_complex');
    expect(refusal('['.repeat(100_000))).toBe('json_too_complex');
    expect(refusal(`[${'0,'.repeat(500_000)}0]`)).toBe('json_too_complex');
    expect(refusal(`[${'"",'.repeat(100_000)}""]`)).toBe('json_too_complex');
    expect(refusal(`{${'"a":{'.repeat(100_000)}`)).toBe('json_too_complex');
  });

  it('quotes nothing of its input in an error', () => {
    const quoting = (error: Error): boolean => JSON.stringify(error, Object.getOwnPropertyNames(error)).includes('CANARY');
    expect(() => parseStrictJson('{"password":"CANARY" CANARY')).toThrow(expect.not.toSatisfy(quoting));
  });
});
