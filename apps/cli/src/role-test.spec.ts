import { describe, expect, it } from 'vitest';
import { judgeRoles } from './judge-roles.ts';
import { parseRoleTest } from './role-test.ts';

const API = 'spiffe://acme.internal/ns/payments/sa/api';
const ROLES = [
  {
    role: 'payments-api',
    rules: [
      { allow: ['secret:read'], on: 'payments/prod/**' },
      { deny: ['secret:read'], on: 'payments/prod/root-*' },
    ],
    bind: [API],
  },
  { role: 'oncall', rules: [{ allow: ['secret:read'], on: 'payments/**', until: '2027-01-01T00:00:00Z' }], bind: ['group:sre'] },
];

/** The lines of a test whose expectations fail. */
function failing(expect: string, roles: readonly unknown[] = ROLES): number[] {
  const test = parseRoleTest(`roles: r.yaml\ngroups: { sre: [alice] }\nexpect:\n${expect}`);
  return judgeRoles(roles, test).flatMap(({ met, expectation: { line } }) => (met ? [] : [line]));
}

describe('a test of roles', () => {
  it('holds where the roles decide as it expects, and names the line where they do not', () => {
    const expected = `
  - { allow: secret:read, on: payments/prod/db, for: ${API} }
  - { deny: [secret:read, secret:write], on: [payments/prod/root-key, payments/test/db], for: ${API} }
  - { deny: secret:read, on: payments/prod/db, for: [operator:bob, anonymous] }`;
    expect(failing(expected)).toEqual([]);
    expect(failing(expected.replace('allow', 'deny'))).toEqual([5]);
    expect(failing(expected.replace('payments/test/db', 'payments/prod/db'))).toEqual([6]);
  });

  it('knows groups and times', () => {
    const expected = `
  - { allow: secret:read, on: payments/test/db, for: operator:alice, when: { time: 2026-12-01T00:00:00Z } }
  - { deny: secret:read, on: payments/test/db, for: operator:alice, when: { time: 2027-01-01T00:00:00Z } }
  - { deny: secret:read, on: payments/test/db, for: operator:bob, when: { time: 2026-12-01T00:00:00Z } }`;
    expect(failing(expected)).toEqual([]);
  });

  it('knows what conditions look at, and takes what is not said for what they like least', () => {
    const when = { 'label.tier': ['web'], from: '10.0.0.0/8', method: 'session', factors: 2, approved: true };
    const roles = [{ role: 'careful', rules: [{ allow: ['secret:read'], on: 'a/**', when }], bind: ['operator:alice'] }];
    const given = ['label.tier: web', 'from: 10.1.2.3', 'method: session', 'factors: 2', 'approved: true'];
    const line = (effect: string, some: readonly string[]): string =>
      `  - { ${effect}: secret:read, on: a/b, for: operator:alice, when: { ${some.join(', ')} } }`;
    const without = given.filter((each) => !each.startsWith('method')).map((left) => given.filter((each) => each !== left));
    expect(failing([line('allow', given), ...without.map((some) => line('deny', some))].join('\n'), roles)).toEqual([]);
    expect(failing(line('deny', given), roles)).toEqual([4]);
  });

  it('knows what is extended', () => {
    const parent = { role: 'parent', rules: [{ deny: ['secret:*'], on: '**' }], bind: [] };
    const expected = `\n  - { allow: secret:read, on: payments/prod/db, for: ${API} }`;
    expect(failing(expected, [...ROLES, parent])).toEqual([]);
    expect(failing(expected, [{ ...ROLES[0], extends: ['parent'] }, parent])).toEqual([5]);
  });

  it.each([
    ['- { allow: secret:read, deny: secret:write, on: a/b, for: anonymous }', 'line 4: it has either allow or deny'],
    ['- { on: a/b, for: anonymous }', 'line 4: it has either allow or deny'],
    ['- { allow: secret:reed, on: a/b, for: anonymous }', 'the action is none; it is written secret:read'],
    ['- { allow: secret:read, on: a/*, for: anonymous }', /^actions of secret are on a path/],
    ['- { allow: secret:read, on: a/b, for: somebody }', 'spiffe://…, operator:NAME or anonymous'],
    ['- { allow: secret:read, on: a/b, for: group:sre }', 'spiffe://…, operator:NAME or anonymous'],
    ['- { allow: secret:read, on: [], for: anonymous }', 'line 4: something is left empty'],
    ['- { allow: secret:read, on: a/b }', 'line 4: it is a list'],
    ['- { allow: secret:read, at: a/b, for: anonymous }', 'line 4: there are allow, deny, on, for, when'],
    ['- { allow: secret:read, on: a/b, for: anonymous, when: { time: noon } }', 'this is no time as in RFC 3339'],
    ['- { allow: secret:read, on: a/b, for: anonymous, when: { colour: red } }', /^line 4: when: there are /],
  ])('is not %s', (line, hint) => {
    expect(() => failing(line)).toThrow(expect.objectContaining({ hint: expect.stringMatching(hint) }));
  });

  it.each([
    [[{ role: 'a', rules: [{ allow: ['secret:read'], on: 'nothing' }], bind: [] }], /^role 1: rules\[0\]/],
    [[ROLES[1], ROLES[1]], 'role 2: there is another one of this name'],
    [[{ ...ROLES[0], extends: ['parent'] }], 'role 1: extends: a role that is not there'],
  ])('does not take what the server would refuse: %#', (roles, hint) => {
    expect(() => failing('- { allow: secret:read, on: a/b, for: anonymous }', roles)).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(hint) }),
    );
  });
});
