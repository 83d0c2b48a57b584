import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bindings } from './bindings.ts';
import { compilePattern } from '../language/pattern.ts';
import type { Role } from '../language/role.ts';

const role = (name: string, ...bind: string[]) => ({ role: name, rules: [], bind });
const bindings = new Bindings([
  role('exact', 'spiffe://td/ns/a/sa/x'),
  role('pattern', 'spiffe://td/ns/a/**'),
  role('both', 'spiffe://td/ns/a/sa/x', 'spiffe://td/ns/*/sa/x'),
  role('alice', 'operator:alice'),
]);
const rolesOf = (kind: 'workload' | 'operator' | 'anonymous' | 'server', id: string) =>
  bindings.rolesOf({ kind, id }).map((held) => held.role);

describe('bindings', () => {
  it('give a workload the roles of its id and of the patterns that match it, each once', () => {
    expect(rolesOf('workload', 'spiffe://td/ns/a/sa/x').toSorted()).toEqual(['both', 'exact', 'pattern']);
    expect(rolesOf('workload', 'spiffe://td/ns/b/sa/x')).toEqual(['both']);
    expect(rolesOf('workload', 'spiffe://td/ns/a')).toEqual([]);
  });

  it('do not take a workload for an operator, or either for nobody', () => {
    expect(rolesOf('operator', 'alice')).toEqual(['alice']);
    expect(rolesOf('operator', 'spiffe://td/ns/a/sa/x')).toEqual([]);
    expect(rolesOf('anonymous', 'spiffe://td/ns/a/sa/x')).toEqual([]);
    expect(rolesOf('server', 'alice')).toEqual([]);
  });

  it('give an operator the roles of its groups, and nobody else', () => {
    const bindings = new Bindings([role('admins', 'group:admins'), role('one', 'operator:alice')]);
    const names = (kind: 'operator' | 'workload', groups: string[]) =>
      bindings.rolesOf({ kind, id: 'alice' }, groups).map(({ role }) => role);
    expect(names('operator', ['admins', 'others']).toSorted()).toEqual(['admins', 'one']);
    expect(names('operator', [])).toEqual(['one']);
    expect(names('workload', ['admins'])).toEqual([]);
  });

  it('give the roles that a bound one extends, to any depth and each once, and not those that extend it', () => {
    const bindings = new Bindings([
      { ...role('child', 'operator:alice'), extends: ['left', 'right'] },
      { ...role('left'), extends: ['root-of-all'] },
      { ...role('right'), extends: ['root-of-all', 'nobody'] },
      role('root-of-all', 'operator:bob'),
    ]);
    const names = (id: string) => bindings.rolesOf({ kind: 'operator', id }).map(({ role }) => role);
    expect(names('alice').toSorted()).toEqual(['child', 'left', 'right', 'root-of-all']);
    expect(names('bob')).toEqual(['root-of-all']);
  });

  it('change one role at a time as if all were made anew', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const binding = fc.constantFrom(
      'spiffe://td/x',
      'spiffe://td/*',
      'spiffe://td/x/**',
      'spiffe://*/x',
      'spiffe://**',
      'spiffe://td/x*',
      'operator:x',
    );
    const change = fc.tuple(name, fc.option(fc.tuple(fc.array(binding, { maxLength: 3 }), fc.subarray(['a', 'b', 'c']))));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        const [bindings, roles] = [new Bindings(), new Map<string, Role>()];
        for (const [name, made] of changes) {
          if (made === null) {
            bindings.delete(name);
            roles.delete(name);
            continue;
          }
          const role = { role: name, rules: [], bind: made[0], extends: made[1] };
          bindings.put(role);
          roles.set(name, role);
        }
        const anew = new Bindings(roles.values());
        for (const id of ['spiffe://td/x', 'spiffe://td/x/y', 'spiffe://other/x', 'x']) {
          const caller = { kind: id === 'x' ? 'operator' : 'workload', id } as const;
          expect(bindings.rolesOf(caller).toSorted(byName)).toEqual(anew.rolesOf(caller).toSorted(byName));
          const bound = [...roles.values()].filter(({ bind }) =>
            bind.some((pattern) => compilePattern(pattern)(id === 'x' ? 'operator:x' : id)),
          );
          expect(bindings.rolesOf(caller)).toEqual(expect.arrayContaining(bound));
        }
      }),
      { numRuns: 500 },
    );
  });
});

const byName = (a: Role, b: Role): number => (a.role < b.role ? -1 : 1);
