import { describe, expect, it } from 'vitest';
import { canonicalBytes, canonicalJson } from './canonical.ts';
import { CryptoError } from './errors.ts';

describe('canonicalJson', () => {
  it('is as in RFC 8785: members in UTF-16 order, no space, shortest numbers', () => {
    expect(canonicalJson({ b: [1e3, 0.1], a: 'é\n', '€': null })).toBe('{"a":"é\\n","b":[1000,0.1],"€":null}');
    expect(canonicalBytes({ a: 'é' })).toEqual(Buffer.from('{"a":"é"}'));
  });

  it('leaves out what is undefined', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  it.each([[undefined], [Number.NaN], [{ a: 1n }], [{ a: '\ud800' }]])('refuses what JSON cannot hold: %s', (value) => {
    expect(() => canonicalJson(value)).toThrow(new CryptoError('malformed'));
  });
});
