import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AuthzError } from '../errors.ts';
import { parseRole } from './parse-role.ts';

const role = {
  role: 'payments-api',
  rules: [
    { allow: ['secret:read'], on: 'payments/prod/**' },
    { deny: ['secret:*'], on: 'payments/prod/root-*', until: '2027-01-31T00:00:00Z' },
  ],
  bind: ['spiffe://acme.internal/ns/payments/sa/api', 'operator:alice'],
};
const withRule = (rule: object) => ({ ...role, rules: [rule] });

function hintOf(value: unknown): string | undefined {
  try {
    parseRole(value);
    return undefined;
  } catch (error) {
    if (error instanceof AuthzError && error.code === 'invalid_role') return error.hint;
    throw error;
  }
}

describe('a role', () => {
  it('is what was written', () => expect(parseRole(role)).toEqual(role));

  it('may be bound to nobody yet', () => expect(parseRole({ role: 'r', rules: [] })).toEqual({ role: 'r', rules: [], bind: [] }));

  it.each([
    'Root',
    'ROOT',
    'root',
    'root ',
    ' root',
    'r\u200boot',
    '\uff52oot',
    'r\u043eot',
    '../root',
    'a/b',
    'a%2fb',
    'a\0b',
    '__proto__',
    'constructor',
    'prototype',
    'everyone',
    '',
    '1a',
    7,
  ])('is not named %j', (name) => expect(hintOf({ ...role, role: name })).toMatch(/^role: /));

  it.each([
    [{ ...role, rulez: [] }, 'role: an unknown field; there are role, extends, rules, bind, everyone'],
    [withRule({ alow: ['secret:read'], on: 'a/b' }), 'rules[0]: an unknown field; there are allow, deny, on, fields, when, until'],
    [
      withRule({ allow: ['secret:raed'], on: 'a/b' }),
      expect.stringMatching(/^rules\[0\]\.allow\[0\]: not an action; there are secret:read, /),
    ],
    [withRule({ allow: ['secret:read', 'policy:read'], on: 'a/b' }), 'rules[0].allow: the actions of one rule belong to one area'],
    [withRule({ allow: [], on: 'a/b' }), 'rules[0].allow: it names no action'],
    [withRule({ on: 'a/b' }), 'rules[0]: a rule has either allow or deny'],
    [withRule({ allow: ['secret:read'], deny: ['secret:read'], on: 'a/b' }), 'rules[0]: a rule has either allow or deny'],
    [withRule({ allow: ['secret:read'], on: 'a/b', until: '2027-01-31' }), 'rules[0].until: not a time as in RFC 3339'],
    [{ ...role, bind: ['operator:*'] }, 'bind[0]: not a spiffe://… pattern, operator:NAME or group:NAME'],
    [{ ...role, bind: ['operator:Alice'] }, 'bind[0]: not a spiffe://… pattern, operator:NAME or group:NAME'],
    [{ ...role, rules: {} }, 'rules: not a list'],
    [null, 'role: not an object'],
  ])('says where it is wrong %#', (value, hint) => expect(hintOf(value)).toEqual(hint));

  it.each([
    ['secret:read', 'a/../b', 'secret are on a path such as payments/prod/**'],
    ['secret:read', 'a', 'secret are on a path such as payments/prod/**'],
    ['secret:read', '*', 'secret are on a path such as payments/prod/**'],
    ['secret:read', 'a//b', 'secret are on a path such as payments/prod/**'],
    ['secret:read', '/a', 'secret are on a path such as payments/prod/**'],
    ['secret:read', 'a/b**', 'secret are on a path such as payments/prod/**'],
    ['secret:read', 'spiffe://acme.internal/x', 'secret are on a path such as payments/prod/**'],
    ['secret:read', 'caf\u00e9', 'secret are on a path such as payments/prod/**'],
    [
      'identity:enrol',
      'payments/prod',
      'identity are on spiffe://…, operator:NAME, group:NAME, trust-domain:NAME, issuer:NAME or provider:NAME',
    ],
    [
      'identity:operate',
      'operator:Alice',
      'identity are on spiffe://…, operator:NAME, group:NAME, trust-domain:NAME, issuer:NAME or provider:NAME',
    ],
    ['policy:write', 'Web', 'policy are on the name of a role'],
    ['policy:write', 'a/b', 'policy are on the name of a role'],
    ['audit:export', 'payments/**', 'audit are on **, since the log is read as a whole'],
    ['system:seal', '*', 'system are on server'],
  ])('has no rule for %s on %s', (action, on, form) => {
    expect(hintOf(withRule({ allow: [action], on }))).toBe(`rules[0].on: actions of ${form}`);
  });

  it('never becomes one that was not meant, whatever comes in', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.object().map(withRule)), (value) => {
        const hint = hintOf(value);
        expect(hint === undefined || hint.length > 0).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
