import { describe, expect, it } from 'vitest';

import { isToken, newToken } from './one-time-token.ts';

describe('a token', () => {
  it('says its kind, holds 256 random bits and is no token of another kind', () => {
    const token = newToken('enrolment');
    expect(token).toMatch(/^hfe_[A-Za-z0-9_-]{43}$/);
    expect(isToken('enrolment', token)).toBe(true);
    expect(isToken('session', token)).toBe(false);
    expect(newToken('enrolment')).not.toBe(token);
  });

  it.each([
    '',
    'hfs_',
    `hfs_${'a'.repeat(42)}`,
    `hfs_${'a'.repeat(44)}`,
    `hfs_${'a'.repeat(42)}=`,
    ` hfs_${'a'.repeat(43)}`,
    `hfs_${'a'.repeat(43)}\n`,
  ])('is not %j', (text) => {
    expect(isToken('session', text)).toBe(false);
  });
});
