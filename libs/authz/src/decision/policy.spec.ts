import { describe, expect, it } from 'vitest';
import { ANONYMOUS, FIRST_OPERATOR, type Principal } from '#identity';
import { operator, workload } from '../../../../test/support/callers.ts';
import { FakePolicy } from '../../../../test/support/fake-policy.ts';
import type { Action } from '../language/actions.ts';
import { Decider } from './decider.ts';
import { parseRole } from '../language/parse-role.ts';
import type { Role, Rule } from '../language/role.ts';

const NOW = Date.parse('2026-12-01T12:00:00Z');
const api = workload('spiffe://acme.internal/ns/payments/sa/api');
const web = workload('spiffe://acme.internal/ns/shop/sa/web');
const alice = operator('alice');

const roles = [
  {
    role: 'payments-api',
    rules: [
      { allow: ['secret:read', 'secret:list'], on: 'payments/prod/**' },
      { deny: ['secret:read'], on: 'payments/prod/root-*' },
      { allow: ['secret:read'], on: 'payments/old', until: '2026-12-01T12:00:00Z' },
      { allow: ['secret:read'], on: 'payments/migration', until: '2026-12-01T12:00:00.001Z' },
    ],
    bind: ['spiffe://acme.internal/ns/payments/sa/*'],
  },
  {
    role: 'administrator',
    rules: [
      { allow: ['identity:*'], on: '**' },
      { allow: ['policy:*'], on: '**' },
      { allow: ['system:*'], on: 'server' },
    ],
    bind: ['operator:alice'],
  },
  {
    role: 'meta-reader',
    rules: [
      { allow: ['secret:list'], on: 'meta/*' },
      { allow: ['secret:list'], on: 'deep/**' },
      { deny: ['secret:list'], on: 'meta/restricted/*' },
      { deny: ['secret:list'], on: 'deep/restricted/**' },
    ],
    bind: ['spiffe://acme.internal/ns/shop/sa/web'],
  },
].map(parseRole);

const decider = new Decider(new FakePolicy(roles));
const callers: Record<string, Principal> = {
  anybody: ANONYMOUS,
  api,
  web,
  alice,
  bob: operator('bob'),
  'bob-as-api': operator(api.id),
  'token-of-alice': { ...alice, method: 'token' },
  'first-token': { ...alice, id: FIRST_OPERATOR, method: 'token' },
};

/** `caller action resource`, decided. */
function decided(line: string): string {
  const [caller = '', action = '', resource = ''] = line.split(' ');
  const decision = decider.decide({ caller: callers[caller] ?? ANONYMOUS, action: action as Action, resource, peer: '', now: NOW });
  return `${decision.allowed ? 'allow' : 'deny'} ${line}`;
}

describe('the rules', () => {
  it.each([
    // A workload has its own and nothing else.
    'allow api secret:read payments/prod/db',
    'allow api secret:read payments/prod/eu/db',
    'deny api secret:write payments/prod/db',
    'deny api secret:read payments/dev/db',
    'deny api secret:read shop/prod/db',
    'deny web secret:read payments/prod/db',
    'deny anybody secret:read payments/prod/db',
    // A deny wins.
    'deny api secret:read payments/prod/root-token',
    // There is no other spelling of a path, and no longer name that begins like it.
    'deny api secret:read Payments/prod/db',
    'deny api secret:read payments/PROD/db',
    'deny api secret:read payments-eu/prod/db',
    // A grant ends at its moment.
    'deny api secret:read payments/old',
    'allow api secret:read payments/migration',
    // Who administers reads neither secrets nor the log.
    'allow alice identity:enrol spiffe://acme.internal/ns/payments/sa/api',
    'allow alice identity:operate operator:bob',
    'allow alice policy:write payments-api',
    'allow alice system:seal server',
    'deny alice secret:read payments/prod/db',
    'deny alice audit:export **',
    // A stranger may start the server, sign in and enrol.
    'allow anybody system:status server',
    'allow anybody system:unseal server',
    'allow anybody identity:sign-in operator:alice',
    'allow anybody identity:certify spiffe://acme.internal/ns/payments/sa/api',
    'deny anybody system:seal server',
    'deny anybody identity:enrol spiffe://acme.internal/ns/payments/sa/api',
    'deny anybody policy:list payments-api',
    // Everybody minds their own certificate and session.
    'allow api identity:certify spiffe://acme.internal/ns/payments/sa/api',
    'deny api identity:certify spiffe://acme.internal/ns/shop/sa/web',
    'allow bob identity:sign-out operator:bob',
    'deny bob identity:sign-out operator:alice',
    // And so does everybody over what it proves itself with.
    'allow bob identity:credentials operator:bob',
    'deny bob identity:credentials operator:alice',
    'allow bob identity:describe operator:bob',
    'deny bob identity:describe operator:alice',
    'deny api identity:credentials spiffe://acme.internal/ns/payments/sa/api',
    'deny api identity:describe spiffe://acme.internal/ns/payments/sa/api',
    // Nobody becomes an operator without a one-time token, and it is good for nothing else: it has no role, whatever its holder is called.
    'allow first-token identity:credentials operator:carol',
    'deny first-token identity:credentials spiffe://acme.internal/ns/payments/sa/api',
    'deny first-token identity:operate operator:carol',
    'allow token-of-alice identity:credentials operator:alice',
    'deny token-of-alice identity:credentials operator:carol',
    'deny token-of-alice identity:operate operator:alice',
    'deny token-of-alice identity:describe operator:alice',
    'deny token-of-alice identity:enrol spiffe://acme.internal/ns/payments/sa/api',
    'deny token-of-alice policy:write payments-api',
    'deny token-of-alice identity:sign-out operator:alice',
    'deny token-of-alice system:status server',
    'deny token-of-alice system:seal server',
    'deny anybody identity:operate operator:carol',
    'deny api identity:operate operator:carol',
    'deny bob identity:operate operator:bob',
    // An operator is no workload, whatever its name.
    'deny bob-as-api secret:read payments/prod/db',
  ])('%s', (line) => expect(decided(line.slice(line.indexOf(' ') + 1))).toBe(line));

  it.each([
    ['secret:list', '', true],
    ['secret:list', 'meta', true],
    ['secret:list', 'meta/restricted', false],
    ['secret:list', 'deep', true],
    ['secret:list', 'deep/restricted', false],
    ['secret:list', 'deep/restricted/more', false],
    ['secret:list', 'other', false],
    ['secret:read', '', false],
  ] as const)('let web reach by %s below %j: %s', (action, prefix, expected) => {
    expect(decider.decideBelow({ caller: web, action, resource: prefix, peer: '', now: NOW }).allowed).toBe(expected);
  });

  it('change with the authority', () => {
    const policy = new FakePolicy(roles);
    const decider = new Decider(policy);
    const read = { caller: api, action: 'secret:read', resource: 'payments/prod/db', peer: '', now: NOW } as const;
    expect(decider.decide(read).allowed).toBe(true);
    policy.replace([]);
    expect(decider.decide(read).allowed).toBe(false);
  });

  it('are compiled once for each role, and after a change only those of the role that changed', () => {
    const compiled: string[] = [];
    const counted = (name: string): Role => ({
      role: name,
      bind: [`spiffe://td/${name}`, 'spiffe://td/*'],
      get rules(): Rule[] {
        compiled.push(name);
        return [{ allow: ['secret:read'], on: `${name}/**` }];
      },
    });
    const roles = Array.from({ length: 20 }, (_, at) => counted(`role-${at}`));
    const policy = new FakePolicy(roles);
    const decider = new Decider(policy);
    const askAll = (): void => {
      for (let at = 0; at < 40; at++) {
        const access = {
          caller: workload(`spiffe://td/role-${at}`),
          action: 'secret:read',
          resource: 'role-1/x',
          peer: '',
          now: NOW,
        } as const;
        expect(decider.decide(access).allowed).toBe(true);
      }
    };
    askAll();
    expect(compiled.toSorted()).toEqual(roles.map(({ role }) => role).toSorted());
    policy.replace(roles.map((role) => (role.role === 'role-7' ? counted('role-7') : role)));
    askAll();
    expect(compiled.slice(roles.length)).toEqual(['role-7']);
  });
});
