import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRoles, parseRoles } from './role-file.ts';

/** Texts that YAML could take for something else. */
const text = fc.oneof(
  fc.constantFrom(
    '**',
    'null',
    'true',
    '~',
    '- a',
    'a: b',
    '#',
    '2027-01-31T00:00:00Z',
    '0x1',
    '1e3',
    ' ',
    "'",
    '"',
    '---',
    '&a',
    '!a',
    'é',
  ),
  fc.string({ minLength: 1 }),
  fc.constant('spiffe://acme.internal/ns/payments/**/a-very-long-name-that-would-be-folded-if-lines-had-an-end-at-eighty-columns'),
);
const rule = fc.record({
  until: fc.option(text, { nil: undefined }),
  on: text,
  allow: fc.array(text, { minLength: 1, maxLength: 3 }),
  when: fc.option(fc.constant({ 'label.tier': ['web', 'api'], time: { days: ['mon'] as const } }), { nil: undefined }),
});
const stored = fc.record({
  bind: fc.array(text, { maxLength: 3 }),
  rules: fc.array(rule, { maxLength: 3 }),
  extends: fc.option(fc.array(text, { maxLength: 2 }), { nil: undefined }),
  role: text,
  version: fc.nat(),
  updatedAt: text,
  updatedBy: text,
  reason: text,
});

/** The same fields, in the opposite order. */
const turn = (fields: object): object => Object.fromEntries(Object.entries(fields).toReversed());
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('roles as YAML', () => {
  it('read back as what they say, without versions and reasons', () => {
    fc.assert(
      fc.property(fc.array(stored, { minLength: 1, maxLength: 3 }), (roles) => {
        const said = roles.map(({ version: _v, updatedAt: _a, updatedBy: _b, reason: _r, ...role }) => role);
        expect(parseRoles(formatRoles(roles))).toEqual(plain(said));
      }),
    );
  });

  it('have one form: written again, whatever the order of their fields, they are the same bytes', () => {
    fc.assert(
      fc.property(fc.array(stored, { minLength: 1, maxLength: 3 }), (roles) => {
        const turned = roles.map(({ role, rules, bind, ...more }) => ({ ...turn(more), bind, rules: rules.map(turn), role }));
        expect(formatRoles(turned)).toBe(formatRoles(roles));
        expect(formatRoles(parseRoles(formatRoles(roles)))).toBe(formatRoles(roles));
      }),
    );
  });

  it('look as a person writes them', () => {
    const role = {
      bind: ['operator:a'],
      role: 'app',
      rules: [{ on: '**', allow: ['secret:read'] }],
      version: 1,
      updatedAt: '',
      updatedBy: '',
    };
    expect(formatRoles([role])).toBe('role: app\nrules:\n  - allow:\n      - secret:read\n    on: "**"\nbind:\n  - operator:a\n');
  });
});
