import { describe, expect, it } from 'vitest';
import { Bindings } from './bindings.ts';

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
});
