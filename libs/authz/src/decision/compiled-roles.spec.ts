import * as fc from 'fast-check';
import { isIPv4 } from 'node:net';
import { describe, expect, it } from 'vitest';
import { operator, workload } from '../../../../test/support/callers.ts';
import type { Access } from './access.ts';
import { ACTIONS, type Action } from '../language/actions.ts';
import { CompiledRoles } from './compiled-roles.ts';
import { coversField } from '../language/fields.ts';
import type { Labels } from '../gate/label-provider.ts';
import type { ActionPattern, Role, Rule, When } from '../language/role.ts';

/** A Tuesday, at noon. */
const NOW = Date.parse('2026-12-01T12:00:00Z');
/** Some fields that rules name, and one that none does. */
const FIELDS = ['username', 'password', 'other'];

interface Asked {
  readonly access: Omit<Access, 'labels' | 'approvals'>;
  readonly labels: Labels;
  readonly approved: boolean;
}

/** Which fields are seen; none at all where it is denied. */
type Engine = (roles: readonly Role[], asked: Asked) => readonly string[];

/** The rules, said once more in the simplest way there is: a field is seen if some allow speaks of it and no deny does. */
const reference: Engine = (roles, { access: { caller, action, resource, peer, now }, labels, approved }) => {
  const conditions: Record<string, (wanted: never) => boolean> = {
    from: (networks: string[]) => networks.some((network) => isIPv4(peer) && peer.startsWith(network.split('.0')[0] ?? '')),
    time: ({ days, between: [start, end] }: { days: string[]; between: [string, string] }) => {
      const at = new Date(now).toISOString().slice(11, 16);
      const day = (days_ago: number) => new Date(now - days_ago * 86_400_000).toUTCString().slice(0, 3).toLowerCase();
      if (start < end) return days.includes(day(0)) && at >= start && at < end;
      return (days.includes(day(0)) && at >= start) || (days.includes(day(1)) && at < end);
    },
    method: (methods: string[]) => methods.includes(caller.method),
    factors: (least: number) => (caller.factors ?? 1) >= least,
    approved: () => approved,
  };
  const holds = ([name, wanted]: [string, unknown]) =>
    conditions[name]?.(wanted as never) ??
    [wanted].flat().includes(Object.entries(labels).find(([label]) => name === `label.${label}`)?.[1]);
  const speaks = (rule: Rule) =>
    [...(rule.allow ?? []), ...(rule.deny ?? [])].some((named) => named === action || named === `${action.split(':')[0]}:*`) &&
    toRegExp(rule.on).test(resource) &&
    (rule.until === undefined || now < Date.parse(rule.until)) &&
    Object.entries(rule.when ?? {}).every(holds);
  const speaking = roles.flatMap((role) => role.rules).filter(speaks);
  const about = (field: string) => speaking.filter(({ fields }) => fields === undefined || fields.includes(field));
  return FIELDS.filter((field) => about(field).some(({ allow }) => allow) && !about(field).some(({ deny }) => deny));
};

function toRegExp(pattern: string): RegExp {
  const segments = pattern.split('/').map((segment) => {
    if (segment === '**') return '[^/]*(?:/[^/]*)*';
    if (segment === '*') return '[^/]+';
    return segment.replaceAll('.', '[.]').replaceAll('*', '[^/]*');
  });
  return new RegExp(`^${segments.join('/')}$`);
}

const engine: Engine = (roles, { access, labels, approved }) => {
  const compiled = new CompiledRoles(roles);
  const approvals = { isApproved: () => approved };
  const blind = compiled.decide({ ...access, approvals });
  const seen = (decision: typeof blind) =>
    FIELDS.filter((field) => decision?.allowed === true && (decision.fields === undefined || coversField(decision.fields, field)));
  const full = seen(compiled.decide({ ...access, approvals, labels }));
  // What is decided without the labels holds whatever they are.
  if (blind?.depends !== true && seen(blind).join(' ') !== full.join(' ')) throw new Error('decided before it could be');
  return full;
};

const actions = Object.entries(ACTIONS).flatMap(([area, verbs]) => verbs.map((verb) => `${area}:${verb}` as Action));
const word = fc.constantFrom('app', 'prod', 'db', 'app.db', 'toString.call', '__proto__', 'constructor');
const wanted = fc.oneof({ weight: 3, arbitrary: word }, fc.constantFrom('*', '**', 'a*', '*b', 'app*', '*o*'));
const resource = fc.array(word, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
const pattern = fc.oneof(
  fc.constant('**'),
  fc.array(wanted, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/')),
);
const someActions: fc.Arbitrary<ActionPattern[]> = fc.oneof(
  fc.array(fc.constantFrom(...actions.slice(0, 4)), { minLength: 1, maxLength: 3 }),
  fc.constantFrom<ActionPattern[]>(['secret:*'], ['policy:*']),
);
const until = fc.constantFrom(undefined, undefined, '2026-12-01T11:59:59Z', '2026-12-01T12:00:00Z', '2026-12-01T12:00:00.001Z');
const value = fc.constantFrom('web', 'api');
const condition: fc.Arbitrary<When> = fc.oneof(
  { weight: 4, arbitrary: value.map((value): When => ({ 'label.tier': value })) },
  value.map((value): When => ({ 'label.team': [value, 'all'] })),
  fc.constantFrom<When>({ from: ['10.0.0.0/8'] }, { from: ['192.168.0.0/16', '10.0.0.0/8'] }),
  fc.constantFrom<When>(
    { time: { days: ['tue'], between: ['08:00', '12:01'] } },
    { time: { days: ['mon'], between: ['22:00', '12:01'] } },
    { time: { days: ['tue'], between: ['12:30', '12:00'] } },
  ),
  fc.constantFrom<When>({ method: ['session'] }, { method: ['certificate', 'oidc'] }, { factors: 2 }, { approved: true }),
);
const when = fc.array(condition, { maxLength: 2 }).map((all) => (all.length === 0 ? undefined : (Object.assign({}, ...all) as When)));
const fields = fc.constantFrom(undefined, undefined, ['username'], ['password'], ['username', 'password']);
const rule: fc.Arbitrary<Rule> = fc
  .tuple(
    fc.constantFrom('allow', 'allow', 'deny'),
    fc.oneof(someActions, fc.constant(['secret:read' as const])),
    pattern,
    until,
    when,
    fields,
  )
  .map(([effect, named, on, until, when, fields]) => ({
    [effect]: named,
    on,
    until,
    when: effect === 'deny' && when && (when.approved ?? when.factors) ? undefined : when,
    ...(named.every((action) => action === 'secret:read') ? { fields } : {}),
  }));
const roles: fc.Arbitrary<Role[]> = fc
  .array(fc.array(rule, { maxLength: 6 }), { minLength: 1, maxLength: 3 })
  .map((lists) => lists.map((rules, index) => ({ role: `role-${index}`, rules, bind: [] })));

const caller = fc.constantFrom(workload('spiffe://td/a'), operator('alice'), { ...operator('alice'), factors: 2 as const });
const peer = fc.constantFrom('10.1.2.3', '192.168.1.1', '8.8.8.8');
const action = fc.oneof({ weight: 2, arbitrary: fc.constant('secret:read' as const) }, fc.constantFrom(...actions.slice(0, 5)));
const asked: fc.Arbitrary<Asked> = fc
  .tuple(caller, action, resource, peer, fc.dictionary(fc.constantFrom('tier', 'team'), value, { maxKeys: 2 }), fc.boolean())
  .map(([caller, action, resource, peer, labels, approved]) => ({
    access: { caller, action, resource, peer, now: NOW },
    labels,
    approved,
  }));

const SETS = 2_500;
const REQUESTS = 40;

/** What an engine says of many requests to many sets of rules is what the reference says. */
const agreement = (engine: Engine) =>
  fc.check(
    fc.property(roles, fc.array(asked, { minLength: REQUESTS, maxLength: REQUESTS }), (held, requests) =>
      requests.every((asked) => engine(held, asked).join(' ') === reference(held, asked).join(' ')),
    ),
    { numRuns: SETS, endOnFailure: true },
  );

const shuffled = roles.chain((held) => {
  const all = held.flatMap((role) => role.rules);
  return fc.tuple(fc.constant(held), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }));
});

/** What an engine says does not change with the order of the rules. */
const steadiness = (engine: Engine) =>
  fc.check(
    fc.property(shuffled, fc.array(asked, { minLength: 5, maxLength: 5 }), ([held, rules], requests) =>
      requests.every((asked) => engine([{ role: 'r', rules, bind: [] }], asked).join(' ') === engine(held, asked).join(' ')),
    ),
    { numRuns: 1_000, endOnFailure: true },
  );

/** An engine that gets each rule wrong in one way. */
const faulty =
  (change: (rule: Rule) => Rule): Engine =>
  (roles, asked) =>
    engine(
      roles.map((role) => ({ ...role, rules: role.rules.map(change) })),
      asked,
    );
const without = (name: string, { when = {}, ...rule }: Rule): Rule => ({
  ...rule,
  when: Object.fromEntries(Object.entries(when).filter(([condition]) => condition !== name)) as When,
});

describe('compiled roles', () => {
  it(`agree with the reference evaluator on ${SETS * REQUESTS} requests to random sets of rules`, () => {
    expect(agreement(engine)).toMatchObject({ failed: false });
  });

  it.each<[string, Engine]>([
    ['lets what ended go on', faulty((rule) => ({ ...rule, until: undefined }))],
    [
      'hides no field',
      faulty((rule) => (rule.deny && rule.fields ? { ...rule, allow: undefined, deny: ['policy:escalate'], fields: undefined } : rule)),
    ],
    ['shows every field', faulty((rule) => (rule.allow ? { ...rule, fields: undefined } : rule))],
    ['takes one segment for many', faulty((rule) => ({ ...rule, on: rule.on.replace('**', '*') }))],
    ...['label.tier', 'label.team', 'from', 'time', 'method', 'factors', 'approved'].map((name): [string, Engine] => [
      `does not look at ${name}`,
      faulty((rule) => without(name, rule)),
    ]),
  ])('would be found out by it: an engine that %s (F16)', (_how, engine) => {
    expect(agreement(engine)).toMatchObject({ failed: true });
  });

  it('decide the same in whatever order the rules stand, and in whatever roles', () => {
    expect(steadiness(engine)).toMatchObject({ failed: false });
  });

  it('would be found out if the first rules that stand there were all that counted', () => {
    const hasty: Engine = (roles, asked) =>
      engine([{ role: 'r', rules: roles.flatMap(({ rules }) => rules).slice(0, 2), bind: [] }], asked);
    expect(steadiness(hasty)).toMatchObject({ failed: true });
  });

  it('reach below a prefix whenever something there is allowed, whatever its labels', () => {
    fc.assert(
      fc.property(roles, asked, resource, (held, { access, labels }, rest) => {
        const compiled = new CompiledRoles(held);
        if (!compiled.decide({ ...access, resource: `${access.resource}/${rest}`, labels })?.allowed) return;
        expect(compiled.decideBelow(access).allowed).toBe(true);
        expect(compiled.decideBelow({ ...access, resource: '' }).allowed).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

const READ: Access = { caller: workload('spiffe://td/a'), action: 'secret:read', resource: 'app/db', peer: '10.1.2.3', now: NOW };
const decide = (rules: Rule[], more: Partial<Access> = {}) =>
  new CompiledRoles([{ role: 'web', rules, bind: [] }]).decide({ ...READ, ...more });
const read: Rule = { allow: ['secret:read'], on: 'app/**' };

describe('a decision', () => {
  it('names the rule that made it', () => {
    const rules: Rule[] = [read, { deny: ['secret:*'], on: 'app/root' }];
    expect(decide(rules)).toEqual({ allowed: true, rule: 'web#0' });
    expect(decide(rules, { resource: 'app/root' })).toEqual({ allowed: false, rule: 'web#1' });
    expect(decide(rules, { action: 'secret:write' })).toBeUndefined();
  });

  it('on what lies below a prefix names its rule too', () => {
    const rules: Rule[] = [read, { deny: ['secret:read'], on: 'app/secret/**' }];
    const below = (resource: string) => new CompiledRoles([{ role: 'web', rules, bind: [] }]).decideBelow({ ...READ, resource });
    expect(below('app')).toEqual({ allowed: true, rule: 'web#0' });
    expect(below('app/secret')).toEqual({ allowed: false, rule: 'web#1' });
    expect(below('other')).toEqual({ allowed: false, rule: undefined });
  });

  it('waits for the labels where they could change it, and only there', () => {
    const onLabel: Rule = { ...read, when: { 'label.tier': 'web' } };
    const denyOnLabel: Rule = { deny: ['secret:read'], on: 'app/**', when: { 'label.tier': 'web' } };
    expect(decide([onLabel])).toEqual({ allowed: false, depends: true });
    expect(decide([read, denyOnLabel])).toEqual({ allowed: false, depends: true });
    expect(decide([read, onLabel])).toEqual({ allowed: true, rule: 'web#0' });
    expect(decide([onLabel, { deny: ['secret:read'], on: '**' }])).toEqual({ allowed: false, rule: 'web#1' });
    expect(decide([denyOnLabel])).toBeUndefined();
    expect(decide([{ ...onLabel, when: { 'label.tier': 'web', from: '192.168.0.0/16' } }])).toBeUndefined();
    expect(decide([onLabel], { labels: { tier: 'web' } })).toEqual({ allowed: true, rule: 'web#0' });
    expect(decide([onLabel], { labels: {} })).toBeUndefined();
  });

  it('is no where a condition of a deny, or of the allow, cannot be told', () => {
    const peer = 'no address';
    expect(decide([{ ...read, when: { from: '10.0.0.0/8' } }], { peer })).toBeUndefined();
    expect(decide([read, { deny: ['secret:read'], on: 'app/db', when: { from: '10.0.0.0/8' } }], { peer })).toEqual({
      allowed: false,
      rule: 'web#1',
    });
    const both: Rule = { deny: ['secret:read'], on: 'app/db', when: { from: '10.0.0.0/8', 'label.tier': 'web' } };
    expect(decide([read, both], { peer })).toEqual({ allowed: false, depends: true });
    expect(decide([read, both], { peer, labels: { tier: 'web' } })).toEqual({ allowed: false, rule: 'web#1' });
    expect(decide([read, both], { peer, labels: {} })).toEqual({ allowed: true, rule: 'web#0' });
  });

  it('takes an address in either spelling', () => {
    const rules: Rule[] = [{ ...read, when: { from: ['10.0.0.0/8', '2001:db8::/32'] } }];
    const peers = ['10.1.2.3', '::ffff:10.1.2.3', '2001:db8::1', '::ffff:11.1.2.3', '2001:db9::1'];
    expect(peers.map((peer) => decide(rules, { peer })?.allowed)).toEqual([true, true, true, undefined, undefined]);
  });

  it('covers the fields of all rules that allow some, without those that one hides', () => {
    const username: Rule = { ...read, fields: ['username'] };
    const password: Rule = { ...read, fields: ['password'] };
    const hidden: Rule = { deny: ['secret:read'], on: '**', fields: ['password'] };
    expect(decide([username, password])).toEqual({
      allowed: true,
      rule: expect.any(String),
      fields: { only: new Set(FIELDS.slice(0, 2)) },
    });
    expect(decide([username, password, hidden])?.fields).toEqual({ only: new Set(['username']) });
    expect(decide([read, hidden])).toEqual({ allowed: true, rule: 'web#0', fields: { except: new Set(['password']) } });
    expect(decide([username, read])).toEqual({ allowed: true, rule: 'web#1' });
    expect(decide([password, hidden])).toEqual({ allowed: false, rule: 'web#1' });
  });

  it('rests on an approval only where nothing else allows all of it', () => {
    const approvals = { isApproved: () => true };
    const approved: Rule = { ...read, when: { approved: true } };
    expect(decide([approved])).toBeUndefined();
    expect(decide([approved], { approvals })).toEqual({ allowed: true, rule: 'web#0', approved: true });
    expect(decide([approved, read], { approvals })).toEqual({ allowed: true, rule: 'web#1' });
    expect(decide([approved, { ...read, fields: ['username'] }], { approvals })).toEqual({ allowed: true, rule: 'web#0', approved: true });
  });

  it('touches no built-in object, whatever the names in a rule', () => {
    const names = ['__proto__', 'constructor.prototype.x', 'toString.call', 'hasOwnProperty.x', 'a.__proto__.b'];
    const rules = names.map((on): Rule => ({ allow: ['secret:read'], on }));
    for (const resource of names) expect(decide(rules, { resource })?.allowed).toBe(true);
    expect(decide([{ ...read, when: { 'label.toString': 'x' } }], { labels: {} })).toBeUndefined();
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    expect(Object.prototype.toString.call([])).toBe('[object Array]');
  });
});

describe('a time window', () => {
  const at = (time: NonNullable<When['time']>, now: string) =>
    decide([{ ...read, when: { time } }], { now: Date.parse(now) })?.allowed ?? false;

  it.each<[string, NonNullable<When['time']>, string, boolean]>([
    ['begins at its minute', { between: ['08:00', '18:00'] }, '2026-12-01T08:00:00Z', true],
    ['is not before it', { between: ['08:00', '18:00'] }, '2026-12-01T07:59:59Z', false],
    ['ends at its minute', { between: ['08:00', '18:00'] }, '2026-12-01T18:00:00Z', false],
    ['is on its days', { days: ['tue'] }, '2026-12-01T23:59:59Z', true],
    ['is not on others', { days: ['tue'] }, '2026-12-02T00:00:00Z', false],
    ['may end with the day', { days: ['tue'], between: ['18:00', '24:00'] }, '2026-12-01T23:59:59Z', true],
    ['past midnight begins at its minute', { days: ['mon'], between: ['22:00', '06:00'] }, '2026-11-30T22:00:00Z', true],
    ['past midnight is not before it', { days: ['mon'], between: ['22:00', '06:00'] }, '2026-11-30T21:59:59Z', false],
    ['past midnight does not begin on another day', { days: ['mon'], between: ['22:00', '06:00'] }, '2026-12-01T22:00:00Z', false],
    ['past midnight ends at its minute', { days: ['mon'], between: ['22:00', '06:00'] }, '2026-12-01T06:00:00Z', false],
    ['past midnight belongs to the day before', { days: ['mon'], between: ['22:00', '06:00'] }, '2026-12-01T05:59:00Z', true],
    ['past midnight does not belong to its own', { days: ['tue'], between: ['22:00', '06:00'] }, '2026-12-01T05:59:00Z', false],
    ['follows its zone', { days: ['tue'], between: ['08:00', '18:00'], zone: 'Asia/Tokyo' }, '2026-11-30T23:00:00Z', true],
    ['follows its zone out', { days: ['tue'], between: ['08:00', '18:00'], zone: 'Asia/Tokyo' }, '2026-12-01T09:00:00Z', false],
    ['follows summer time', { between: ['08:00', '09:00'], zone: 'Europe/Rome' }, '2026-07-01T06:30:00Z', true],
    ['follows winter time', { between: ['08:00', '09:00'], zone: 'Europe/Rome' }, '2026-12-01T06:30:00Z', false],
    ['knows midnight', { between: ['00:00', '00:30'], zone: 'Europe/Rome' }, '2026-12-01T23:10:00Z', true],
  ])('%s', (_how, window, now, expected) => {
    expect(at(window, now)).toBe(expected);
  });
});
