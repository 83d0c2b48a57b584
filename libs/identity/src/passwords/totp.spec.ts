import fc from 'fast-check';
import { Secret } from 'otpauth';
import { describe, expect, it } from 'vitest';
import { newRecoveryCodes, normalRecoveryCode } from './recovery-code.ts';
import { newTotpSecret, totpStepOf, totpUri } from './totp.ts';

/** RFC 6238 appendix B: the secret of its test vectors, and their last six digits. */
const SECRET = Secret.fromLatin1('12345678901234567890').base32;
const VECTORS = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
] as const;

const at = (seconds: number): Date => new Date(seconds * 1000);

describe('a code by time', () => {
  it.each(VECTORS)('at %i is what RFC 6238 says, in its own step and the next', (seconds, code) => {
    const step = Math.floor(seconds / 30);
    expect(totpStepOf(SECRET, code, at(seconds))).toBe(step);
    expect(totpStepOf(SECRET, code, at(step * 30))).toBe(step);
    expect(totpStepOf(SECRET, code, at(step * 30 + 59.999))).toBe(step);
    expect(totpStepOf(SECRET, code, at(step * 30 + 60))).toBeUndefined();
    expect(totpStepOf(SECRET, code, at(step * 30 - 0.001))).toBeUndefined();
  });

  it('E5: has one spelling', () => {
    for (const other of [
      ' 287082',
      '287082 ',
      '287 082',
      '287-082',
      '２８７０８２',
      '+287082',
      '0287082',
      '287082\n',
      '28708',
      '',
      '٢٨٧٠٨٢',
    ])
      expect(totpStepOf(SECRET, other, at(59))).toBeUndefined();
  });

  it('is of a secret of 160 bits, new each time, that an authenticator takes in', () => {
    const secret = newTotpSecret();
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(newTotpSecret()).not.toBe(secret);
    const uri = new URL(totpUri(secret, { name: 'alice@acme', issuer: 'Holdfast acme.internal' }));
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      issuer: 'Holdfast acme.internal',
      secret,
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
    expect([uri.protocol, uri.host]).toEqual(['otpauth:', 'totp']);
    expect(decodeURIComponent(uri.pathname)).toBe('/Holdfast acme.internal:alice@acme');
  });

  it('is found by nobody who does not have it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 64 }), (text) => {
        expect(totpStepOf(SECRET, text, at(59))).toBe(text === '287082' ? 1 : text === '755224' ? 0 : undefined);
      }),
    );
  });
});

describe('recovery codes', () => {
  it('are eight, of 120 bits each, and are read however they are typed', () => {
    const codes = newRecoveryCodes();
    expect(new Set(codes).size).toBe(8);
    for (const code of codes) {
      expect(code).toMatch(/^([a-z2-7]{4}-){5}[a-z2-7]{4}$/);
      const normal = code.replaceAll('-', '');
      for (const typed of [code, normal, code.toUpperCase(), code.replaceAll('-', ' '), ` ${code}\n`])
        expect(normalRecoveryCode(typed)).toBe(normal);
    }
  });

  it.each(['', '287082', 'a'.repeat(23), 'a'.repeat(25), '1'.repeat(24), 'ａ'.repeat(24)])('are not %j', (text) => {
    expect(normalRecoveryCode(text)).toBeUndefined();
  });
});
