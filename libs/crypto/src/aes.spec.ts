import { describe, expect, it } from 'vitest';
import { readVectors } from '../../../test/support/vectors.ts';
import { gcmOpen, gcmSeal } from './aes.ts';
import { CryptoError } from './errors.ts';

interface GcmVector {
  readonly tcId: number;
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly msg: string;
  readonly ct: string;
  readonly tag: string;
  readonly result: 'valid' | 'invalid';
}

const { vectors } = readVectors<GcmVector>('wycheproof-aes-256-gcm.json');
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

describe('AES-256-GCM against Wycheproof', () => {
  const valid = vectors.filter((vector) => vector.result === 'valid');
  const invalid = vectors.filter((vector) => vector.result === 'invalid');

  it('has 39 vectors that must open and 27 that must not', () => {
    expect([valid.length, invalid.length]).toEqual([39, 27]);
  });

  it.each(valid)('seals and opens test $tcId', ({ key, iv, aad, msg, ct, tag }) => {
    expect(Buffer.concat(gcmSeal(bytes(key), bytes(iv), bytes(msg), bytes(aad))).toString('hex')).toBe(ct + tag);
    expect(gcmOpen(bytes(key), bytes(iv), bytes(ct + tag), bytes(aad)).toString('hex')).toBe(msg);
  });

  it.each(invalid)('refuses test $tcId', ({ key, iv, aad, ct, tag }) => {
    expect(() => gcmOpen(bytes(key), bytes(iv), bytes(ct + tag), bytes(aad))).toThrow(new CryptoError('authentication_failed'));
  });
});
