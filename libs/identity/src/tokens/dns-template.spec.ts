import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DnsTemplate } from './dns-template.ts';
import { JwtError } from './jwt-error.ts';

const SERVICE = '{sa.name}.{namespace}.svc.cluster.local';
const claims = (namespace: unknown, name: unknown) => ({ namespace, sa: { name } });

describe('a template of a DNS name', () => {
  it('becomes the name that the claims say, label by label', () => {
    expect(new DnsTemplate(SERVICE).nameOf(claims('payments', 'api'))).toBe('api.payments.svc.cluster.local');
    expect(new DnsTemplate('api').nameOf({})).toBe('api');
  });

  it.each(['', '.', 'a.', '.a', 'a..b', 'A.b', '*.a', 'a-{b}', '{a}{b}', '{}', '{a', 'a b', '-a', 'a-', 'a'.repeat(64)])(
    'is not written %j',
    (text) => {
      expect(() => new DnsTemplate(text)).toThrow(expect.objectContaining({ code: 'invalid_issuer' }));
    },
  );

  it('never leads to a name of another shape, whatever the claims say', () => {
    const value = fc.oneof(
      fc.stringMatching(/^[a-z0-9-]{1,6}$/),
      fc.string({ unit: fc.constantFrom('a', '.', '*', '-', '{', 'A') }),
      fc.anything(),
    );
    let filled = 0;
    fc.assert(
      fc.property(value, value, (namespace, name) => {
        try {
          const labels = new DnsTemplate(SERVICE).nameOf(claims(namespace, name)).split('.');
          filled += 1;
          expect(labels).toEqual([name, namespace, 'svc', 'cluster', 'local']);
          for (const label of labels) expect(label).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
        } catch (error) {
          if (!(error instanceof JwtError)) throw error;
        }
      }),
    );
    expect(filled).toBeGreaterThan(0);
  });

  it('takes no claims that make it longer than a name is', () => {
    const label = 'a'.repeat(63);
    expect(() => new DnsTemplate('{a}.{a}.{a}.{a}').nameOf({ a: label })).toThrow(expect.objectContaining({ defect: 'invalid_claim' }));
  });
});
