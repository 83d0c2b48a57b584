import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readVectors } from '../../../test/support/vectors.ts';
import { blindIndex } from './blind-index.ts';
import { CryptoError } from './errors.ts';
import { constantTimeEqual, deriveKey, hmac, sha256 } from './hashes.ts';
import { SecretBytes } from './secret-bytes.ts';
import { SetDigest } from './set-digest.ts';

type HashVector = { readonly key: string; readonly output: string } & (
  { readonly segments: readonly string[] } | { readonly elements: readonly string[] } | { readonly purpose: string }
);

const { vectors } = readVectors<HashVector>('holdfast-keyed-hashes.json');
const secret = (hex: string): SecretBytes => new SecretBytes(Buffer.from(hex, 'hex'));
const key = SecretBytes.random(32);

describe('the vectors of keyed hashes', () => {
  it.each(vectors)('agree: %o', (vector) => {
    expect(outputOf(vector)).toBe(vector.output);
  });
});

function outputOf(vector: HashVector): string {
  const key = secret(vector.key);
  if ('segments' in vector) return blindIndex(key, vector.segments);
  if ('elements' in vector) return digestOf(key, vector.elements).toString('hex');
  return deriveKey(key, vector.purpose).bytes.toString('hex');
}

function digestOf(key: SecretBytes, elements: readonly string[]): Buffer {
  const digest = new SetDigest(key);
  for (const element of elements) digest.add(Buffer.from(element, 'hex'));
  return digest.bytes;
}

describe('blindIndex', () => {
  const segment = fc.stringMatching(/^[A-Za-z0-9._-]{1,12}$/);

  it('puts what lies below a path behind its index, and nothing else', () => {
    const path = fc.array(segment, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(path, path, (parent, rest) => {
        expect(blindIndex(key, [...parent, ...rest]).startsWith(`${blindIndex(key, parent)}/`)).toBe(true);
      }),
    );
  });

  it('hides that two segments are equal when their parents differ', () => {
    const last = (path: string[]): string | undefined => blindIndex(key, path).split('/').at(-1);
    expect(last(['a', 'x'])).not.toBe(last(['b', 'x']));
    expect(last(['a', 'x'])).not.toBe(last(['x']));
  });

  it('differs by key', () => {
    expect(blindIndex(key, ['a'])).not.toBe(blindIndex(SecretBytes.random(32), ['a']));
  });
});

describe('SetDigest', () => {
  const elements = fc.uniqueArray(fc.string({ maxLength: 6 }), { maxLength: 8 });

  it('depends on what is in the set, not on the order or the way there', () => {
    fc.assert(
      fc.property(elements, fc.string({ minLength: 7 }), (set, passing) => {
        const forth = new SetDigest(key);
        const back = new SetDigest(key);
        back.add(Buffer.from(passing));
        for (const element of set) forth.add(Buffer.from(element));
        for (const element of set.toReversed()) back.add(Buffer.from(element));
        expect(back.bytes).not.toEqual(forth.bytes);
        back.remove(Buffer.from(passing));
        expect(back.bytes).toEqual(forth.bytes);
      }),
    );
  });

  it('goes on from where it was left', () => {
    const whole = new SetDigest(key);
    whole.add(Buffer.from('a'));
    const resumed = new SetDigest(key, whole.bytes);
    whole.add(Buffer.from('b'));
    resumed.add(Buffer.from('b'));
    expect(resumed.bytes).toEqual(whole.bytes);
  });

  it('refuses to go on from anything but 32 bytes', () => {
    expect(() => new SetDigest(key, Buffer.alloc(31))).toThrow(new CryptoError('malformed'));
  });
});

describe('hashes', () => {
  it('sha256 and hmac take their parts as one text', () => {
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(sha256(Buffer.from('abc')).toString('hex')).toBe(abc);
    expect(sha256(Buffer.from('a'), Buffer.from('bc')).toString('hex')).toBe(abc);
    expect(hmac(key, Buffer.from('a'), Buffer.from('bc'))).toEqual(hmac(key, Buffer.from('abc')));
  });

  it('hmac is as in RFC 4231, test case 2', () => {
    const mac = hmac(new SecretBytes(Buffer.from('Jefe')), Buffer.from('what do ya want for nothing?'));
    expect(mac.toString('hex')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  });

  it('constantTimeEqual compares content and length', () => {
    expect(constantTimeEqual(Buffer.from('same'), Buffer.from('same'))).toBe(true);
    expect(constantTimeEqual(Buffer.from('same'), Buffer.from('some'))).toBe(false);
    expect(constantTimeEqual(Buffer.from('same'), Buffer.from('sam'))).toBe(false);
  });
});
