import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseSpiffeId, parseTrustDomain } from './spiffe-id.ts';

describe('a SPIFFE ID', () => {
  it('is a trust domain and a path', () => {
    expect(parseSpiffeId('spiffe://acme.internal/ns/payments/sa/api')).toEqual({
      trustDomain: 'acme.internal',
      path: '/ns/payments/sa/api',
      text: 'spiffe://acme.internal/ns/payments/sa/api',
    });
  });

  it.each([
    ['', 'nothing'],
    ['spiffe://td', 'the root of a trust domain'],
    ['spiffe://td/', 'a trailing slash'],
    ['spiffe://td/a/', 'a trailing slash after a segment'],
    ['spiffe:///a', 'no trust domain'],
    ['spiffe://td//a', 'an empty segment'],
    ['spiffe://td/./a', 'a dot segment'],
    ['spiffe://td/a/..', 'a double dot segment at the end'],
    ['spiffe://td/../b', 'a double dot segment'],
    ['spiffe://TD/a', 'an upper-case trust domain'],
    ['SPIFFE://td/a', 'an upper-case scheme'],
    ['https://td/a', 'another scheme'],
    ['spiffe://td:80/a', 'a port'],
    ['spiffe://user@td/a', 'a user'],
    ['spiffe://td/a?b', 'a query'],
    ['spiffe://td/a#b', 'a fragment'],
    ['spiffe://td/%61', 'percent-encoding'],
    ['spiffe://td/a b', 'a space'],
    ['spiffe://td/a\n', 'a newline at the end'],
    ['spiffe://td/a\0', 'a NUL'],
    ['spiffe://td/\u0430', 'a Cyrillic letter'],
    ['spiffe://td/*', 'a pattern'],
    [`spiffe://${'a'.repeat(256)}/a`, 'a trust domain beyond 255'],
    [`spiffe://td/${'a'.repeat(2048)}`, 'more than 2,048 bytes'],
  ])('is refused with %2$s', (text) => {
    expect(() => parseSpiffeId(text)).toThrow(expect.objectContaining({ code: 'invalid_spiffe_id' }));
  });

  it('is read back as it was written', () => {
    const segment = fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,20}$/);
    const path = fc.array(segment, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9._-]{1,40}$/), path, (trustDomain, segments) => {
        const text = `spiffe://${trustDomain}/${segments.join('/')}`;
        expect(parseSpiffeId(text).text).toBe(text);
      }),
    );
  });

  it('never takes long to refuse', () => {
    const started = performance.now();
    for (const text of [`spiffe://td${'/a'.repeat(1015)}!`, `spiffe://${'a'.repeat(2000)}`]) expect(() => parseSpiffeId(text)).toThrow();
    expect(performance.now() - started).toBeLessThan(50);
  });
});

describe('a trust domain', () => {
  it.each(['', 'Acme', 'a/b', 'a:1', 'spiffe://a', 'a'.repeat(256)])('is not %j', (text) => {
    expect(() => parseTrustDomain(text)).toThrow(expect.objectContaining({ code: 'invalid_trust_domain' }));
  });
});
