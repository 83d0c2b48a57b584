import type { Policy, Role } from '#authz';
import { ANONYMOUS, type Principal, SERVER } from '#identity';
import { describe, expect, it } from 'vitest';
import { operator, workload } from '../support/callers.ts';

/** A policy whose roles are those that a test applies, and one caller who came with a good credential. */
export interface PolicyBench {
  readonly policy: Policy;
  readonly caller: Principal;
  readonly apply: (role: Role) => void | Promise<void>;
  /** Takes back what `caller` came with. */
  readonly takeBack: () => void | Promise<void>;
}

const NOW = Date.parse('2026-11-24T12:00:00.000Z');
const rules: Role['rules'] = [{ allow: ['secret:read'], on: 'app/**' }];

/** What every `Policy` keeps. */
export function policyContract(name: string, make: () => Promise<PolicyBench>): void {
  const namesOf = (policy: Policy, caller: Principal): string[] => policy.rolesOf(caller).map(({ role }) => role);

  describe(`the policy of ${name}`, () => {
    it('gives a role to whom it is bound to, by id or by pattern, and to nobody else', async () => {
      const { policy, apply } = await make();
      await apply({ role: 'exact', rules, bind: ['spiffe://acme.internal/ns/a/sa/one'] });
      await apply({ role: 'pattern', rules, bind: ['spiffe://acme.internal/ns/a/sa/*'] });
      await apply({ role: 'person', rules, bind: ['operator:alice'] });
      expect(namesOf(policy, workload('spiffe://acme.internal/ns/a/sa/one')).toSorted()).toEqual(['exact', 'pattern']);
      expect(namesOf(policy, workload('spiffe://acme.internal/ns/a/sa/two'))).toEqual(['pattern']);
      expect(namesOf(policy, workload('spiffe://acme.internal/ns/b/sa/one'))).toEqual([]);
      expect(namesOf(policy, operator('alice'))).toEqual(['person']);
      expect([namesOf(policy, operator('bob')), namesOf(policy, ANONYMOUS)]).toEqual([[], []]);
    });

    it('gives what a role extends with it, as the very object that it was while nothing of it changes', async () => {
      const { policy, apply } = await make();
      await apply({ role: 'base', rules, bind: [] });
      await apply({ role: 'child', extends: ['base'], rules: [], bind: ['operator:alice'] });
      expect(namesOf(policy, operator('alice')).toSorted()).toEqual(['base', 'child']);
      const base = policy.rolesOf(operator('alice')).find(({ role }) => role === 'base');
      await apply({ role: 'other', rules, bind: [] });
      expect(policy.rolesOf(operator('alice')).find(({ role }) => role === 'base')).toBe(base);
    });

    it('counts every change of a role, and nothing that is only looked at', async () => {
      const { policy, caller, apply } = await make();
      const before = policy.revision;
      policy.rolesOf(caller);
      policy.lapseOf(caller, NOW);
      expect(policy.revision).toBe(before);
      await apply({ role: 'app', rules, bind: [] });
      const between = policy.revision;
      expect(between).toBeGreaterThan(before);
      await apply({ role: 'app', rules, bind: ['operator:alice'] });
      expect(policy.revision).toBeGreaterThan(between);
      expect(namesOf(policy, operator('alice'))).toEqual(['app']);
    });

    it('says with a code why a credential that was taken back holds no longer, and that it held until then', async () => {
      const { policy, caller, takeBack } = await make();
      expect(policy.lapseOf(caller, NOW)).toBeUndefined();
      await takeBack();
      expect(policy.lapseOf(caller, NOW)).toMatchObject({ code: 'certificate_refused' });
    });

    it('finds nothing to take back of those who came with nothing', async () => {
      const { policy } = await make();
      expect([policy.lapseOf(ANONYMOUS, NOW), policy.lapseOf(SERVER, NOW)]).toEqual([undefined, undefined]);
    });
  });
}
