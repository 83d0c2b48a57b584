import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Role, Rule } from '#authz';
import { roleDiff } from './role-diff.ts';

const rule: fc.Arbitrary<Rule> = fc
  .record({
    allows: fc.boolean(),
    on: fc.constantFrom('a/**', 'b/*', '**'),
    until: fc.option(fc.constant('2027-01-31T00:00:00Z'), { nil: undefined }),
  })
  .map(({ allows, ...rest }) => ({ [allows ? 'allow' : 'deny']: ['secret:read'], ...rest }));
const role: fc.Arbitrary<Role> = fc.record({
  role: fc.constant('app'),
  rules: fc.array(rule, { maxLength: 6 }),
  bind: fc.array(fc.constantFrom('operator:a', 'operator:b', 'spiffe://acme.internal/**'), { maxLength: 4 }),
});

describe('the difference of two roles', () => {
  it('is written as a person reads it', () => {
    const before: Role = { role: 'app', rules: [{ allow: ['secret:read', 'secret:list'], on: 'a/**' }], bind: ['operator:a'] };
    const after: Role = { role: 'app', rules: [{ deny: ['secret:*'], on: 'a/b', until: '2027-01-31T00:00:00Z' }], bind: [] };
    expect(roleDiff(before, after)).toEqual([
      '- allow secret:read, secret:list on a/**',
      '- bind operator:a',
      '+ deny secret:* on a/b until 2027-01-31T00:00:00Z',
    ]);
    expect(roleDiff(undefined, before)).toEqual(['+ allow secret:read, secret:list on a/**', '+ bind operator:a']);
  });

  it('is nothing exactly where both say the same, in whatever order', () => {
    fc.assert(
      fc.property(role, role, (a, b) => {
        expect(roleDiff(a, { ...a, rules: a.rules.toReversed(), bind: a.bind.toReversed() })).toEqual([]);
        const same = (one: readonly unknown[], other: readonly unknown[]) =>
          new Set([...one, ...other].map((each) => JSON.stringify(each))).size === new Set(one.map((each) => JSON.stringify(each))).size &&
          new Set(one.map((each) => JSON.stringify(each))).size === new Set(other.map((each) => JSON.stringify(each))).size;
        expect(roleDiff(a, b).length === 0).toBe(same(a.rules, b.rules) && same(a.bind, b.bind));
      }),
    );
  });

  it('turns around with its sides', () => {
    fc.assert(
      fc.property(role, role, (a, b) => {
        const turned = roleDiff(b, a).map((line) => (line.startsWith('+') ? '-' : '+') + line.slice(1));
        expect(turned.toSorted()).toEqual(roleDiff(a, b).toSorted());
      }),
    );
  });
});
