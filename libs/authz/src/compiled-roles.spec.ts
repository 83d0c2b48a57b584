import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTIONS, type Action } from './actions.ts';
import { CompiledRoles } from './compiled-roles.ts';
import type { ActionPattern, Role, Rule } from './role.ts';

const NOW = Date.parse('2026-12-01T12:00:00Z');

/** The rules, said once more in the simplest way there is: any deny that speaks wins, else any allow, else nothing. */
function reference(roles: readonly Role[], action: Action, resource: string): boolean {
  const speaks = (rule: Rule) =>
    [...(rule.allow ?? []), ...(rule.deny ?? [])].some((named) => named === action || named === `${action.split(':')[0]}:*`) &&
    toRegExp(rule.on).test(resource) &&
    (rule.until === undefined || NOW < Date.parse(rule.until));
  const speaking = roles.flatMap((role) => role.rules).filter(speaks);
  return speaking.length > 0 && speaking.every((rule) => rule.allow !== undefined);
}

function toRegExp(pattern: string): RegExp {
  const segments = pattern.split('/').map((segment) => {
    if (segment === '**') return '[^/]*(?:/[^/]*)*';
    if (segment === '*') return '[^/]+';
    return segment.replaceAll('.', '[.]').replaceAll('*', '[^/]*');
  });
  return new RegExp(`^${segments.join('/')}$`);
}

const actions = Object.entries(ACTIONS).flatMap(([area, verbs]) => verbs.map((verb) => `${area}:${verb}` as Action));
const word = fc.constantFrom('app', 'prod', 'db', 'app.db', 'toString.call', '__proto__', 'constructor');
const wanted = fc.oneof({ weight: 3, arbitrary: word }, fc.constantFrom('*', '**', 'a*', '*b', 'app*', '*o*'));
const resource = fc.array(word, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));
const pattern = fc.array(wanted, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));
const someActions: fc.Arbitrary<ActionPattern[]> = fc.oneof(
  fc.array(fc.constantFrom(...actions.slice(0, 6)), { minLength: 1, maxLength: 3 }),
  fc.constantFrom<ActionPattern[]>(['secret:*'], ['policy:*']),
);
const until = fc.constantFrom(undefined, '2026-12-01T11:59:59Z', '2026-12-01T12:00:00Z', '2026-12-01T12:00:00.001Z');
const rule: fc.Arbitrary<Rule> = fc
  .tuple(fc.constantFrom('allow', 'allow', 'deny'), someActions, pattern, until)
  .map(([effect, named, on, until]) => ({ [effect]: named, on, until }));
const roles: fc.Arbitrary<Role[]> = fc
  .array(fc.array(rule, { maxLength: 8 }), { maxLength: 3 })
  .map((lists) => lists.map((rules, index) => ({ role: `role-${index}`, rules, bind: [] })));
const action = fc.constantFrom(...actions.slice(0, 8));

const allows = (held: readonly Role[], action: Action, resource: string) =>
  new CompiledRoles(held).decide(action, resource, NOW)?.allowed ?? false;

describe('compiled roles', () => {
  it('agree with the reference evaluator on random rules and resources', () => {
    fc.assert(
      fc.property(roles, action, fc.array(resource, { minLength: 1, maxLength: 5 }), (held, action, resources) => {
        const compiled = new CompiledRoles(held);
        for (const resource of resources) {
          expect(compiled.decide(action, resource, NOW)?.allowed ?? false).toBe(reference(held, action, resource));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('decide the same in whatever order the rules stand', () => {
    const shuffled = roles.chain((held) => {
      const all = held.flatMap((role) => role.rules);
      return fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }));
    });
    fc.assert(
      fc.property(shuffled, action, resource, ([rules, others], action, resource) => {
        const [one, two] = [rules, others].map((rules) => allows([{ role: 'r', rules, bind: [] }], action, resource));
        expect(one).toBe(two);
      }),
      { numRuns: 2_000 },
    );
  });

  it('reach below a prefix whenever something there is allowed', () => {
    fc.assert(
      fc.property(roles, action, resource, resource, (held, action, prefix, rest) => {
        const compiled = new CompiledRoles(held);
        if (!compiled.decide(action, `${prefix}/${rest}`, NOW)?.allowed) return;
        expect(compiled.decideBelow(action, prefix, NOW).allowed).toBe(true);
        expect(compiled.decideBelow(action, '', NOW).allowed).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('name the rule that decided', () => {
    const held: Role[] = [
      { role: 'web', rules: [{ allow: ['secret:read'], on: 'app/**' }], bind: [] },
      {
        role: 'guard',
        rules: [
          { allow: ['secret:read'], on: 'x' },
          { deny: ['secret:*'], on: 'app/root' },
        ],
        bind: [],
      },
    ];
    const compiled = new CompiledRoles(held);
    expect(compiled.decide('secret:read', 'app/db', NOW)).toEqual({ allowed: true, rule: 'web#0' });
    expect(compiled.decide('secret:read', 'app/root', NOW)).toEqual({ allowed: false, rule: 'guard#1' });
    expect(compiled.decide('secret:write', 'app/db', NOW)).toBeUndefined();
  });

  it('touch no built-in object, whatever the names in a rule', () => {
    const names = ['__proto__', 'constructor.prototype.x', 'toString.call', 'hasOwnProperty.x', 'a.__proto__.b'];
    const rules = names.map((on): Rule => ({ allow: ['secret:read'], on }));
    for (const name of names) expect(allows([{ role: 'r', rules, bind: [] }], 'secret:read', name)).toBe(true);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    expect(Object.prototype.toString.call([])).toBe('[object Array]');
  });
});
