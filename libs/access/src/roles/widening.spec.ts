import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Role, Rule } from '#authz';
import { widens } from './widening.ts';

const allow = (on: string, until?: string): Rule => ({ allow: ['secret:read'], on, ...(until ? { until } : {}) });
const deny = (on: string): Rule => ({ deny: ['secret:read'], on });
const role = (rules: Rule[], bind: string[]): Pick<Role, 'rules' | 'bind'> => ({ rules, bind });

describe('a change of a role', () => {
  it.each<[string, Pick<Role, 'rules' | 'bind'> | undefined, Pick<Role, 'rules' | 'bind'> | undefined]>([
    ['makes one that allows', undefined, role([allow('a')], [])],
    ['allows more', role([allow('a')], ['x']), role([allow('a'), allow('b')], ['x'])],
    ['allows something else', role([allow('a')], ['x']), role([allow('b')], ['x'])],
    ['allows for longer', role([allow('a', '2027-01-01T00:00:00Z')], ['x']), role([allow('a')], ['x'])],
    ['allows somebody else', role([allow('a')], ['x']), role([allow('a')], ['x', 'y'])],
    ['asks for less', role([{ ...allow('a'), when: { factors: 2 } }], ['x']), role([allow('a')], ['x'])],
    [
      'asks for something else',
      role([{ ...allow('a'), when: { from: '10.0.0.0/8' } }], ['x']),
      role([{ ...allow('a'), when: { from: '10.0.0.0/7' } }], ['x']),
    ],
    ['shows one more field', role([{ ...allow('a'), fields: ['u'] }], ['x']), role([{ ...allow('a'), fields: ['u', 'v'] }], ['x'])],
    ['denies under a condition', role([deny('a')], ['x']), role([{ ...deny('a'), when: { 'label.tier': 'web' } }], ['x'])],
    ['hides one field only', role([deny('a')], ['x']), role([{ ...deny('a'), fields: ['u'] }], ['x'])],
    ['drops a deny', role([allow('a/**'), deny('a/b')], ['x']), role([allow('a/**')], ['x'])],
    ['frees somebody from a deny', role([deny('a')], ['x']), role([deny('a')], [])],
    ['deletes one that denies', role([deny('a')], ['x']), undefined],
  ])('widens it when it %s', (_, before, after) => {
    expect(widens(before, after)).toBe(true);
  });

  it.each<[string, Pick<Role, 'rules' | 'bind'> | undefined, Pick<Role, 'rules' | 'bind'> | undefined]>([
    ['makes one that only denies', undefined, role([deny('a')], ['x'])],
    ['allows less', role([allow('a'), allow('b')], ['x']), role([allow('a')], ['x'])],
    ['allows fewer', role([allow('a')], ['x', 'y']), role([allow('a')], ['x'])],
    ['denies more', role([allow('a')], ['x']), role([allow('a'), deny('a/b')], ['x'])],
    ['denies to more', role([deny('a')], ['x']), role([deny('a')], ['x', 'y'])],
    ['deletes one that allows', role([allow('a')], ['x']), undefined],
    ['orders it anew', role([allow('a'), deny('b')], ['x', 'y']), role([deny('b'), allow('a')], ['y', 'x'])],
  ])('does not when it %s', (_, before, after) => {
    expect(widens(before, after)).toBe(false);
  });

  it('gives nobody more unless it is called widening', () => {
    const names = fc.subarray(['x', 'y', 'z']);
    const rules = fc.subarray([allow('a'), allow('b'), deny('a'), deny('b')]);
    const anyRole = fc.tuple(rules, names).map(([some, bind]) => role(some, bind));
    fc.assert(
      fc.property(anyRole, anyRole, (before, after) => {
        if (widens(before, after)) return;
        for (const name of ['x', 'y', 'z']) {
          for (const on of ['a', 'b']) expect(allowed(before, name, on) || !allowed(after, name, on)).toBe(true);
        }
      }),
    );
  });
});

/** What the role alone says, with whatever else allowed: freed from a deny counts as more. */
function allowed({ rules, bind }: Pick<Role, 'rules' | 'bind'>, name: string, on: string): boolean {
  const mine = bind.includes(name) ? rules.filter((rule) => rule.on === on) : [];
  return !mine.some((rule) => rule.deny) && mine.some((rule) => rule.allow);
}
