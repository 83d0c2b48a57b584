import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdTemplate } from './id-template.ts';
import { JwtError } from './jwt-error.ts';
import { parseSpiffeId } from '../certificates/spiffe-id.ts';

const POD = 'spiffe://acme.internal/ns/{kubernetes.io.namespace}/sa/{name}';
const claims = (namespace: unknown, name: unknown) => ({ 'kubernetes.io': { namespace }, name });

describe('a template', () => {
  it('becomes the SPIFFE ID that the claims name', () => {
    expect(new IdTemplate(POD).idOf(claims('payments', 'api')).text).toBe('spiffe://acme.internal/ns/payments/sa/api');
    expect(new IdTemplate('spiffe://acme.internal/ci/deploy').idOf({}).text).toBe('spiffe://acme.internal/ci/deploy');
  });

  it('says which IDs it may become', () => {
    const template = new IdTemplate(POD);
    expect([template.trustDomain, template.isOpen, template.pattern]).toEqual(['acme.internal', true, 'spiffe://acme.internal/ns/*/sa/*']);
    expect(new IdTemplate('spiffe://acme.internal/ci').isOpen).toBe(false);
  });

  it.each([
    'spiffe://{domain}/a',
    'spiffe://acme.internal',
    'spiffe://acme.internal/',
    'spiffe://acme.internal/ns-{name}',
    'spiffe://acme.internal/{a}{b}',
    'spiffe://acme.internal/{}',
    'spiffe://acme.internal/{a..b}',
    'spiffe://acme.internal/{a/b}',
    'spiffe://acme.internal/{a',
    'spiffe://acme.internal/../{a}',
    'spiffe://acme.internal/*',
    'spiffe://acme.internal/{1.2.3.4.5.6.7.8.9}',
    'https://acme.internal/{a}',
    '{a}',
    '',
  ])('is not written %j', (text) => {
    expect(() => new IdTemplate(text)).toThrow(expect.objectContaining({ code: 'invalid_issuer' }));
  });

  it.each([
    ['nothing', undefined],
    ['the empty text', ''],
    ['two segments', 'a/b'],
    ['the segment above', '..'],
    ['this segment', '.'],
    ['an encoded slash', 'a%2Fb'],
    ['a query', 'a?b'],
    ['another placeholder', '{name}'],
    ['a pattern', '*'],
    ['a line end', 'api\n'],
    ['a NUL', 'api\0'],
    ['a Cyrillic letter', '\u0430pi'],
    ['a number', 1],
    ['a list', ['api']],
    ['an object', { name: 'api' }],
    ['more than an ID may hold', 'a'.repeat(2_048)],
  ])('takes no claim that is %s', (_what, value) => {
    expect(() => new IdTemplate(POD).idOf(claims('payments', value))).toThrow(expect.objectContaining({ defect: 'invalid_claim' }));
  });

  it('never leads out of its shape, whatever the claims say: each fills one segment, and every other stays as it is written', () => {
    const value = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9._-]{1,8}$/),
      fc.string({ unit: fc.constantFrom('a', '/', '.', '*', '{', '}', '%', '?', '#', '@', ':') }),
      fc.anything(),
    );
    let filled = 0;
    fc.assert(
      fc.property(value, value, (namespace, name) => {
        const id = idOrDefect(() => new IdTemplate(POD).idOf(claims(namespace, name)).text);
        if (id === 'invalid_claim') return;
        filled += 1;
        expect(parseSpiffeId(id).text.split('/')).toEqual(['spiffe:', '', 'acme.internal', 'ns', namespace, 'sa', name]);
      }),
    );
    expect(filled).toBeGreaterThan(0);
  });
});

function idOrDefect(make: () => string): string {
  try {
    return make();
  } catch (error) {
    if (error instanceof JwtError) return error.defect;
    throw error;
  }
}
