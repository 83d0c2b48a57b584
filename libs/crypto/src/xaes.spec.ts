import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyFlip } from '../../../test/support/flipped.ts';
import { readVectors } from '../../../test/support/vectors.ts';
import { CryptoError } from './errors.ts';
import { SecretBytes } from './secret-bytes.ts';
import { MessageKeys } from './xaes-kdf.ts';
import { sealUnderNonce, XaesKey } from './xaes.ts';

interface XaesVector {
  readonly key: string;
  readonly nonce: string;
  readonly plaintext: string;
  readonly aad: string;
  readonly ciphertext: string;
}

interface Accumulated {
  readonly accumulated: { readonly iterations: number; readonly digest: string };
}

const FAILED = new CryptoError('authentication_failed');
const { vectors, accumulated } = readVectors<XaesVector, Accumulated>('c2sp-xaes-256-gcm.json');
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const secret = (hex: string): SecretBytes => new SecretBytes(bytes(hex));

describe('XAES-256-GCM against C2SP', () => {
  it.each(vectors)('seals and opens the vector with key $key', (vector) => {
    const sealed = sealUnderNonce(new MessageKeys(secret(vector.key)), bytes(vector.nonce), bytes(vector.plaintext), bytes(vector.aad));
    expect(sealed.toString('hex')).toBe(vector.nonce + vector.ciphertext);
    expect(new XaesKey(secret(vector.key)).open(sealed, bytes(vector.aad)).toString('hex')).toBe(vector.plaintext);
  });

  it('reproduces the accumulated digest of 10,000 random messages, and opens each of them', () => {
    const input = shake128(accumulated.iterations * 600);
    const digest = createHash('shake128', { outputLength: 32 });
    for (let i = 0; i < accumulated.iterations; i++) digest.update(sealedFrom(input).subarray(24));
    expect(digest.digest('hex')).toBe(accumulated.digest);
  });
});

/** SHAKE128 of nothing, read piece by piece. */
function shake128(outputLength: number): (length: number) => Buffer {
  const stream = createHash('shake128', { outputLength }).digest();
  let at = 0;
  return (length) => stream.subarray(at, (at += length));
}

function sealedFrom(read: (length: number) => Buffer): Buffer {
  const readPrefixed = (): Buffer => read(read(1).readUInt8());
  const key = new SecretBytes(read(32));
  const nonce = read(24);
  const plaintext = readPrefixed();
  const aad = readPrefixed();
  const sealed = sealUnderNonce(new MessageKeys(key), nonce, plaintext, aad);
  if (!new XaesKey(key).open(sealed, aad).equals(plaintext)) throw new Error('a message did not open');
  return sealed;
}

describe('XaesKey', () => {
  const key = new XaesKey(SecretBytes.random(32));

  it('opens what it sealed, of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.uint8Array({ maxLength: 200 }), (plaintext, aad) => {
        const sealed = key.seal(Buffer.from(plaintext), Buffer.from(aad));
        expect(sealed.length).toBe(24 + plaintext.length + 16);
        expect(key.open(sealed, Buffer.from(aad))).toEqual(Buffer.from(plaintext));
      }),
    );
  });

  it('never seals the same message to the same bytes', () => {
    const message = Buffer.from('again');
    expect(key.seal(message, message)).not.toEqual(key.seal(message, message));
  });

  it('answers one and the same error for any flipped bit, in the sealed bytes and in the associated data', () => {
    const aad = Buffer.from('bound to this');
    const sealed = key.seal(Buffer.from('message'), aad);
    for (const altered of everyFlip(sealed)) expect(() => key.open(altered, aad)).toThrow(FAILED);
    for (const altered of everyFlip(aad)) expect(() => key.open(sealed, altered)).toThrow(FAILED);
  });

  it('answers the same error for any truncation, for noise and for another key', () => {
    const sealed = key.seal(Buffer.from('message'), Buffer.alloc(0));
    for (let length = 0; length < sealed.length; length++) {
      expect(() => key.open(sealed.subarray(0, length), Buffer.alloc(0))).toThrow(FAILED);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => {
        expect(() => key.open(Buffer.from(noise), Buffer.alloc(0))).toThrow(FAILED);
      }),
    );
    expect(() => new XaesKey(SecretBytes.random(32)).open(sealed, Buffer.alloc(0))).toThrow(FAILED);
  });

  it('refuses a key of another length', () => {
    expect(() => new XaesKey(SecretBytes.random(16))).toThrow(new CryptoError('malformed'));
  });

  it('does not need the bytes that it was made from, and forgets the key when wiped', () => {
    const material = SecretBytes.random(32);
    const short = new XaesKey(material);
    material.wipe();
    const sealed = short.seal(Buffer.from('x'), Buffer.alloc(0));
    expect(short.open(sealed, Buffer.alloc(0)).toString()).toBe('x');
    short.wipe();
    expect(() => short.open(sealed, Buffer.alloc(0))).toThrow(new CryptoError('wiped'));
    expect(() => short.seal(sealed, Buffer.alloc(0))).toThrow(new CryptoError('wiped'));
  });
});
