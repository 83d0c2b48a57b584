import { describe, expect, it } from 'vitest';
import { checkBody, checkQuery } from './check-request.ts';
import type { Route } from './route.ts';
import { ContractError } from './errors.ts';
import { isRouteName, ROUTES } from './routes.ts';

const names = Object.keys(ROUTES).filter(isRouteName);

const routeOf = (name: keyof typeof ROUTES): Route => ROUTES[name];

function hintOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof ContractError && error.code === 'invalid_request') return error.hint ?? '';
    throw error;
  }
  return undefined;
}

describe('checkBody', () => {
  it('takes a secret', () => {
    const body = { data: { password: 'x' }, labels: { tier: 'web' }, ifVersion: 0, expiresAt: '2027-01-31T00:00:00Z' };
    expect(checkBody('writeSecret', body)).toEqual(body);
  });

  it.each(names)('refuses an unknown field in the body of %s', (name) => {
    expect(hintOf(() => checkBody(name, { createdBy: 'me', tenantId: 1 }))).toBeDefined();
  });

  it('takes an absent body where all of it is optional, and nowhere else', () => {
    const optional = names.filter((name) => hintOf(() => checkBody(name, undefined)) === undefined);
    expect(optional.filter((name) => routeOf(name).body !== undefined)).toEqual([
      'restoreSecret',
      'readBundle',
      'approve',
      'deny',
      'cancelApproval',
      'resetPassword',
      'resetTotp',
      'seal',
    ]);
    expect(checkBody('readBundle', undefined)).toEqual({});
  });

  it.each([
    ['an array', []],
    ['null', null],
    ['a text', 'x'],
    ['a number', 1],
  ])('refuses %s for a body', (_, body) => {
    for (const name of names) expect(hintOf(() => checkBody(name, body))).toBeDefined();
  });

  it.each([
    [{ paths: [] }],
    [{ paths: null }],
    [{ paths: 'a' }],
    [{ paths: ['a', 'a'] }],
    [{ paths: [{ $ne: 1 }] }],
    [{ paths: [['a']] }],
    [{ paths: Array.from({ length: 1_001 }, (_, at) => `a/${at}`) }],
  ])('refuses the bundle %j', (body) => {
    expect(hintOf(() => checkBody('readBundle', body))).toContain('paths');
  });

  it.each([0, -1, 1.5, 2 ** 31, Infinity, NaN, '1', null, [1], { $gt: 0 }])('refuses to destroy the version %j', (version) => {
    expect(hintOf(() => checkBody('destroyVersions', { versions: [version] }))).toContain('versions');
  });

  it.each([0, -1, 1e99, '60', null])('refuses an enrolment that lives for %j', (ttl) => {
    expect(hintOf(() => checkBody('enrol', { spiffeId: 'spiffe://a/b', ttl }))).toContain('ttl');
  });

  it('takes exactly one subject of a revocation', () => {
    const fingerprint = `sha256:${'0'.repeat(64)}`;
    expect(checkBody('revoke', { fingerprint })).toEqual({ fingerprint });
    expect(hintOf(() => checkBody('revoke', {}))).toContain('exactly one');
    expect(hintOf(() => checkBody('revoke', { fingerprint, spiffeId: 'spiffe://a/b' }))).toContain('exactly one');
  });

  it('names the place in its hint, but neither what was there nor the name of a field', () => {
    const hint = hintOf(() => checkBody('writeSecret', { data: { CANARY: 1 } }));
    expect(hint).toBe('data: invalid input: expected string, received number');
    expect(hintOf(() => checkBody('writeSecret', { data: {}, 'CANARY\n\u001b[2J': 1 }))).not.toContain('CANARY');
    expect(hintOf(() => checkBody('applyRole', { role: 'a', rules: [{ onn: 'x', on: 'x' }], bind: [] }))).toBe(
      'rules.0: has the unknown field `onn`',
    );
  });
});

describe('checkQuery', () => {
  it('reads numbers', () => {
    expect(checkQuery('readSecret', { version: '3' })).toEqual({ version: 3 });
    expect(checkQuery('listSecrets', { limit: '1000', prefix: 'a' })).toEqual({ limit: 1_000, prefix: 'a' });
  });

  it.each(['0', '-1', '01', '+1', '1.0', '1e3', '1e9', '2147483648', '99999999999', '"10"', '', ' 1', '0x10', '१'])(
    'refuses the limit %j',
    (limit) => {
      expect(hintOf(() => checkQuery('listSecrets', { limit }))).toContain('limit');
    },
  );

  it.each(names)('refuses an unknown parameter of %s', (name) => {
    expect(hintOf(() => checkQuery(name, { next: '/api/v1/session' }))).toBeDefined();
  });
});
