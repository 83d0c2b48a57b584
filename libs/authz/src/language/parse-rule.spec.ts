import { describe, expect, it } from 'vitest';
import { AuthzError } from '../errors.ts';
import { parseRole } from './parse-role.ts';

const read = { allow: ['secret:read'], on: 'app/**' };
const roleOf = (...rules: object[]) => ({ role: 'r', rules, bind: [] });

function hintOf(value: unknown): string | undefined {
  try {
    parseRole(value);
    return undefined;
  } catch (error) {
    if (error instanceof AuthzError && error.code === 'invalid_role') return error.hint;
    throw error;
  }
}

describe('a condition', () => {
  it.each([
    { 'label.tier': 'web' },
    { 'label.tier': ['web', 'api'], 'label.team': 'a' },
    { from: '10.0.0.0/8' },
    { from: ['10.1.2.3', '2001:db8::/32', '::1'] },
    { time: { days: ['mon', 'fri'] } },
    { time: { between: ['22:00', '06:00'], zone: 'Europe/Rome' } },
    { time: { between: ['08:00', '24:00'] } },
    { method: 'certificate' },
    { method: ['session', 'oidc'], factors: 2 },
    { factors: 2 },
    { approved: true },
  ])('is what was written: %j', (when) => {
    expect(parseRole(roleOf({ ...read, when })).rules).toEqual([{ ...read, when }]);
  });

  it.each<[object, RegExp]>([
    [{}, /^rules\[0\]\.when: it names no condition/],
    [{ colour: 'red' }, /unknown condition; there are label\.NAME, from, time, method, factors, approved/],
    [{ 'label.__proto__': 'x' }, /no label has such a name/],
    [{ 'label.': 'x' }, /no label has such a name/],
    [{ 'label.tier': 'no such value' }, /not a value that a label can have/],
    [{ 'label.tier': [] }, /it names none/],
    [{ 'label.tier': ['a', 'a'] }, /it names one twice/],
    [{ from: '10.0.0.1/8' }, /not a network/],
    [{ from: '0.0.0.0/0' }, /not a network/],
    [{ from: '::/0' }, /not a network/],
    [{ from: '2001:db8::1/32' }, /not a network/],
    [{ from: '10.0.0.0/33' }, /not a network/],
    [{ from: '10.0.0.0/08' }, /not a network/],
    [{ from: '010.0.0.1' }, /not a network/],
    [{ from: 'fe80::1%eth0' }, /not a network/],
    [{ from: 'example.org' }, /not a network/],
    [{ time: {} }, /it has days or between/],
    [{ time: { days: ['monday'] } }, /days\[0\]: not one of mon, tue/],
    [{ time: { between: ['08:00'] } }, /not two different times/],
    [{ time: { between: ['08:00', '08:00'] } }, /names one twice/],
    [{ time: { between: ['24:00', '06:00'] } }, /not two different times/],
    [{ time: { between: ['8:00', '18:00'] } }, /not a time such as 08:00/],
    [{ time: { days: ['mon'], zone: 'Mars/Olympus' } }, /no time zone/],
    [{ time: { days: ['mon'], zone: '+01:00' } }, /no time zone/],
    [{ method: 'password' }, /not certificate or session or oidc/],
    [{ factors: 1 }, /not 2/],
    [{ approved: false }, /not true/],
    [{ method: 'certificate', factors: 2 }, /a certificate is one factor/],
  ])('is refused where it is wrong or can never hold: %j', (when, hint) => {
    expect(hintOf(roleOf({ ...read, when }))).toMatch(hint);
  });

  it.each([{ factors: 2 }, { approved: true }])('that a deny would turn into its opposite is refused: %j', (when) => {
    expect(hintOf(roleOf({ deny: ['secret:read'], on: 'app/**', when }))).toMatch(/asked of who is allowed/);
  });

  it('on a label is for secrets alone', () => {
    expect(hintOf(roleOf({ allow: ['policy:read'], on: '**', when: { 'label.tier': 'web' } }))).toMatch(/only secrets have labels/);
  });
});

describe('fields', () => {
  it('belong to reading', () => {
    expect(parseRole(roleOf({ ...read, fields: ['username'] })).rules[0]?.fields).toEqual(['username']);
    expect(hintOf(roleOf({ allow: ['secret:*'], on: 'app/**', fields: ['a'] }))).toMatch(/only secret:read/);
    expect(hintOf(roleOf({ allow: ['secret:read', 'secret:list'], on: 'app/**', fields: ['a'] }))).toMatch(/only secret:read/);
  });

  it.each([[[]], [['a', 'a']], [['__proto__']], [['a b']], ['a'], [[7]]])('are names of fields: %j', (fields) => {
    expect(hintOf(roleOf({ ...read, fields }))).toMatch(/^rules\[0\]\.fields/);
  });
});

describe('a rule that says nothing', () => {
  it.each<[string, object[], RegExp | undefined]>([
    ['written twice', [read, { on: 'app/**', allow: ['secret:read'] }], /^rules\[1\]: it says what rules\[0\] says/],
    ['denied whole', [read, { deny: ['secret:*'], on: 'app/**' }], /^rules\[0\]: rules\[1\] denies all/],
    ['denied by a wider pattern', [{ deny: ['secret:read'], on: '**' }, read], /^rules\[1\]: rules\[0\] denies all/],
    [
      'denied within a segment',
      [
        { allow: ['secret:read'], on: 'app/db-*' },
        { deny: ['secret:read'], on: 'app/*' },
      ],
      /^rules\[0\]/,
    ],
    ['denied in part', [read, { deny: ['secret:read'], on: 'app/*' }], undefined],
    [
      'denied one action of two',
      [
        { ...read, allow: ['secret:read', 'secret:list'] },
        { deny: ['secret:read'], on: '**' },
      ],
      undefined,
    ],
    ['denied at times', [read, { deny: ['secret:read'], on: '**', when: { from: '10.0.0.0/8' } }], undefined],
    ['denied until', [read, { deny: ['secret:read'], on: '**', until: '2027-01-31T00:00:00Z' }], undefined],
    ['denied a field', [read, { deny: ['secret:read'], on: '**', fields: ['a'] }], undefined],
    ['allowed with other conditions', [read, { ...read, when: { factors: 2 } }], undefined],
  ])('%s', (_how, rules, hint) => {
    const found = hintOf(roleOf(...rules));
    if (hint) expect(found).toMatch(hint);
    else expect(found).toBeUndefined();
  });
});

describe('a binding to everyone', () => {
  const bound = (bind: string, more: object = {}, rules: object[] = [read]) => hintOf({ role: 'r', rules, bind: [bind], ...more });

  it.each(['spiffe://**', 'spiffe://acme.internal/**', 'spiffe://acme.internal/*', 'spiffe://acme.internal/*/**', 'spiffe://*/ns/a'])(
    'says so: %s',
    (bind) => {
      expect(bound(bind)).toMatch(/^bind\[0\]: it is for everyone/);
      expect(bound(bind, { everyone: true })).toBeUndefined();
      expect(bound(bind, {}, [{ deny: ['secret:read'], on: 'app/root' }])).toBeUndefined();
      expect(bound(bind, { extends: ['other'] }, [])).toMatch(/^bind\[0\]/);
    },
  );

  it.each(['spiffe://acme.internal/ns/**', 'spiffe://acme.internal/*/api', 'operator:alice', 'group:payments'])('is none: %s', (bind) => {
    expect(bound(bind)).toBeUndefined();
    expect(bound(bind, { everyone: true })).toMatch(/^everyone: no binding is/);
  });
});

describe('a role that extends others', () => {
  it('names them', () => {
    expect(parseRole({ role: 'r', extends: ['a', 'b'], rules: [] })).toEqual({ role: 'r', extends: ['a', 'b'], rules: [], bind: [] });
  });

  it.each([[['r']], [['a', 'a']], [[]], [['Root']], [['root']], ['a']])('but not so: %j', (parents) => {
    expect(hintOf({ role: 'r', extends: parents, rules: [] })).toMatch(/^extends/);
  });
});
