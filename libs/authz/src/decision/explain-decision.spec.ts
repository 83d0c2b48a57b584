import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANONYMOUS } from '#identity';
import { operator, workload } from '../../../../test/support/callers.ts';
import type { Action } from '../language/actions.ts';
import { RuleBook } from './rule-book.ts';
import { callerNamed } from './ask-about.ts';
import type { Role } from '../language/role.ts';

const NOW = Date.parse('2026-12-01T12:00:00Z');
const API = workload('spiffe://acme.internal/api');

const HELD: Role = {
  role: 'api',
  rules: [
    { allow: ['secret:read'], on: 'payments/prod/**' },
    { deny: ['secret:read'], on: 'payments/prod/root-*' },
    { allow: ['secret:write'], on: 'payments/prod/db', until: '2026-11-30T00:00:00Z' },
  ],
  bind: [API.id],
};
const OTHERS: Role = { role: 'others', rules: [{ allow: ['secret:*'], on: 'ledger/**' }], bind: ['operator:bob'] };

const book = new RuleBook([HELD, OTHERS], () => []);
const explain = (action: Action, resource: string, caller = API) => book.explain({ caller, action, resource, peer: '192.0.2.1', now: NOW });

describe('an explanation', () => {
  it('names the rule that allowed it, as it is written', () => {
    expect(explain('secret:read', 'payments/prod/db')).toMatchObject({
      allowed: true,
      rule: 'api#0',
      decided: { role: 'api', rule: HELD.rules[0] },
    });
  });

  it('names the deny, and the allow that it wins over', () => {
    const explanation = explain('secret:read', 'payments/prod/root-key');
    expect(explanation).toMatchObject({
      allowed: false,
      rule: 'api#1',
      denies: [{ name: 'api#1' }],
      nearest: { name: 'api#0', lacks: [] },
    });
    expect(explanation.missing).toBeUndefined();
  });

  it('names the grant that has ended', () => {
    expect(explain('secret:write', 'payments/prod/db')).toMatchObject({ nearest: { name: 'api#2', lacks: ['time'] } });
  });

  it('names the role that is not bound to the caller', () => {
    expect(explain('secret:read', 'ledger/db')).toMatchObject({ nearest: { name: 'others#0', lacks: ['binding'] } });
  });

  it('names the rule on the next resource, and the smallest grant that is missing', () => {
    expect(explain('secret:read', 'payments/test/db')).toMatchObject({
      allowed: false,
      nearest: { name: 'api#0', lacks: ['resource'] },
      missing: { rule: { allow: ['secret:read'], on: 'payments/test/db' }, bind: API.id },
    });
  });

  it('has no nearest rule where none has to do with it', () => {
    expect(explain('secret:read', 'unheard/of').nearest).toBeUndefined();
    expect(explain('audit:export', '**').nearest).toBeUndefined();
  });

  it('knows what is built in', () => {
    expect(explain('identity:certify', API.id)).toMatchObject({ allowed: true, rule: 'builtin:own-certificate' });
    expect(explain('secret:read', 'payments/prod/db', ANONYMOUS)).toMatchObject({ allowed: false, missing: undefined });
  });

  it('asks of a list what lies below', () => {
    const lister: Role = { role: 'lister', rules: [{ allow: ['secret:list'], on: 'payments/prod/**' }], bind: ['operator:lisa'] };
    const list = (resource: string) =>
      new RuleBook([lister], () => []).explain({ caller: operator('lisa'), action: 'secret:list', resource, peer: '192.0.2.1', now: NOW });
    expect(list('payments/**')).toMatchObject({ allowed: true, rule: 'lister#0' });
    expect(list('**')).toMatchObject({ allowed: true });
    expect(list('ledger/**')).toMatchObject({ allowed: false, missing: { rule: { on: 'ledger/**' } } });
  });
});

describe('an explanation of random roles', () => {
  const word = fc.constantFrom('a', 'b', 'c');
  const resource = fc.array(word, { minLength: 2, maxLength: 3 }).map((segments) => segments.join('/'));
  const on = fc.array(fc.oneof(word, fc.constantFrom('*', '**')), { minLength: 2, maxLength: 3 }).map((segments) => segments.join('/'));
  const action = fc.constantFrom<Action>('secret:read', 'secret:write');
  const when = fc.constantFrom(
    undefined,
    { from: '192.0.2.0/24' },
    { from: '10.0.0.0/8' },
    { 'label.a': 'b' },
    { approved: true as const },
  );
  const rule = fc
    .tuple(fc.constantFrom('allow', 'allow', 'deny'), action, on, when, fc.constantFrom(undefined, '2026-11-30T00:00:00Z'))
    .map(([effect, named, on, when, until]) => ({ [effect]: [named], on, when, until }));
  const roles = fc
    .array(fc.tuple(fc.array(rule, { maxLength: 4 }), fc.boolean()), { maxLength: 4 })
    .map((lists) => lists.map(([rules, held], index): Role => ({ role: `role-${index}`, rules, bind: held ? [API.id] : [] })));

  it('names what would let the caller in, and nothing that already does', () => {
    let missed = 0;
    fc.assert(
      fc.property(roles, action, resource, (all, action, resource) => {
        const access = { caller: API, action, resource, peer: '192.0.2.1', now: NOW };
        const { allowed, rule, denies, nearest, missing, depends } = new RuleBook(all, () => []).explain(access);
        if (allowed) expect({ nearest, missing, rule }).toEqual({ nearest: undefined, missing: undefined, rule: expect.any(String) });
        if (nearest?.lacks.length === 0) expect(denies.length).toBeGreaterThan(0);
        if (missing === undefined || denies.length > 0 || depends) return;
        missed += 1;
        const given: Role = { role: 'given', rules: [missing.rule], bind: [missing.bind] };
        expect(new RuleBook([...all, given], () => []).decide(access)).toMatchObject({ allowed: true });
        const other = { ...access, resource: `${resource}/other` };
        expect(new RuleBook([...all, given], () => []).decide(other)).toEqual(new RuleBook(all, () => []).decide(other));
      }),
      { numRuns: 1_000 },
    );
    expect(missed).toBeGreaterThan(100);
  });
});

describe('a caller by name', () => {
  it.each([API.id, 'operator:alice', 'anonymous'])('is %s', (text) => {
    expect(callerNamed(text)).toBeDefined();
  });

  it.each(['', 'alice', 'operator:', 'operator:*', 'spiffe://acme.internal/**', 'group:sre', 'operator:a b', 'spiffe://x/../y'])(
    'is not %j',
    (text) => {
      expect(callerNamed(text)).toBeUndefined();
    },
  );
});
