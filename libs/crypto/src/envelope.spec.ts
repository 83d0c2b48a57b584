import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyFlip } from '../../../test/support/flipped.ts';
import { readVectors } from '../../../test/support/vectors.ts';
import { CryptoError } from './errors.ts';
import { kekVersionOf, openOnce, sealEnvelope, sealOnce, unwrapDataKey, type Envelope } from './envelope.ts';
import { SecretBytes } from './secret-bytes.ts';
import { XaesKey } from './xaes.ts';

interface EnvelopeVector {
  readonly comment: string;
  readonly kek: string;
  readonly aad: string;
  readonly wrapped: string;
  readonly sealed: string;
  readonly kekVersion?: number;
  readonly plaintext?: string;
  readonly error?: 'authentication_failed';
}

const FAILED = new CryptoError('authentication_failed');
const AAD = Buffer.from('bound to this');
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

function openEnvelope(kek: XaesKey, { wrapped, sealed }: Envelope, aad: Buffer): Buffer {
  using dataKey = unwrapDataKey(kek, wrapped, aad);
  return openOnce(dataKey, sealed, aad);
}

describe('the envelope vectors', () => {
  const { vectors } = readVectors<EnvelopeVector>('holdfast-envelope.json');
  const open = (vector: EnvelopeVector): string => {
    const envelope = { wrapped: bytes(vector.wrapped), sealed: bytes(vector.sealed) };
    return openEnvelope(new XaesKey(new SecretBytes(bytes(vector.kek))), envelope, bytes(vector.aad)).toString('hex');
  };

  it.each(vectors.filter((vector) => vector.error === undefined))('open: $comment', (vector) => {
    expect(open(vector)).toBe(vector.plaintext);
    expect(kekVersionOf(bytes(vector.wrapped))).toBe(vector.kekVersion);
  });

  it.each(vectors.filter((vector) => vector.error !== undefined))('do not open: $comment', (vector) => {
    expect(() => open(vector)).toThrow(FAILED);
  });
});

describe('an envelope', () => {
  const kek = new XaesKey(SecretBytes.random(32));

  it('opens to what was sealed, of any length, and names its KEK version', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 1, max: 0xffff_ffff }), (plaintext, version) => {
        const envelope = sealEnvelope(kek, version, Buffer.from(plaintext), AAD);
        expect(envelope.wrapped.length).toBe(77);
        expect(envelope.sealed.length).toBe(plaintext.length + 29);
        expect(kekVersionOf(envelope.wrapped)).toBe(version);
        expect(openEnvelope(kek, envelope, AAD)).toEqual(Buffer.from(plaintext));
      }),
    );
  });

  it('answers one and the same error for any flipped bit in any of its parts', () => {
    const { wrapped, sealed } = sealEnvelope(kek, 1, Buffer.from('value'), AAD);
    for (const altered of everyFlip(wrapped)) expect(() => openEnvelope(kek, { wrapped: altered, sealed }, AAD)).toThrow(FAILED);
    for (const altered of everyFlip(sealed)) expect(() => openEnvelope(kek, { wrapped, sealed: altered }, AAD)).toThrow(FAILED);
    for (const altered of everyFlip(AAD)) expect(() => openEnvelope(kek, { wrapped, sealed }, altered)).toThrow(FAILED);
  });

  it('answers the same error for noise in any of its parts', () => {
    const { wrapped, sealed } = sealEnvelope(kek, 1, Buffer.from('value'), AAD);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => {
        expect(() => openEnvelope(kek, { wrapped: Buffer.from(noise), sealed }, AAD)).toThrow(FAILED);
        expect(() => openEnvelope(kek, { wrapped, sealed: Buffer.from(noise) }, AAD)).toThrow(FAILED);
      }),
    );
  });

  it('does not open with the parts of another, sealed for the same place', () => {
    const one = sealEnvelope(kek, 1, Buffer.from('one'), AAD);
    const two = sealEnvelope(kek, 1, Buffer.from('two'), AAD);
    expect(() => openEnvelope(kek, { wrapped: one.wrapped, sealed: two.sealed }, AAD)).toThrow(FAILED);
  });

  it.each([0, -1, 1.5, 2 ** 32, Number.NaN])('refuses KEK version %d', (version) => {
    expect(() => sealEnvelope(kek, version, AAD, AAD)).toThrow(new CryptoError('malformed'));
  });
});

describe('sealOnce', () => {
  it('opens to what was sealed, and not with another key', () => {
    const dek = SecretBytes.random(32);
    const sealed = sealOnce(dek, Buffer.from('value'), AAD);
    expect(openOnce(dek, sealed, AAD).toString()).toBe('value');
    expect(() => openOnce(SecretBytes.random(32), sealed, AAD)).toThrow(FAILED);
  });

  it('answers the same error for any truncation', () => {
    const dek = SecretBytes.random(32);
    const sealed = sealOnce(dek, Buffer.from('value'), AAD);
    for (let length = 0; length < sealed.length; length++) {
      expect(() => openOnce(dek, sealed.subarray(0, length), AAD)).toThrow(FAILED);
    }
  });

  it('says that a wiped key was wiped', () => {
    const dek = SecretBytes.random(32);
    const sealed = sealOnce(dek, Buffer.from('value'), AAD);
    dek.wipe();
    expect(() => openOnce(dek, sealed, AAD)).toThrow(new CryptoError('wiped'));
  });
});
