import { beforeEach, describe, expect, it } from 'vitest';
import type { Role } from '#authz';
import type { Principal } from '#identity';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { operator, workload } from '../../../../test/support/callers.ts';
import { ApplyRole } from './apply-role.ts';
import { DeleteRole } from './delete-role.ts';

const app = workload('spiffe://acme.internal/app');
const BASE: Role = { role: 'base', rules: [{ deny: ['secret:read'], on: '**/root' }], bind: [] };
const READER: Role = { role: 'reader', extends: ['base'], rules: [{ allow: ['secret:read'], on: 'app/**' }], bind: [app.id] };

let bench: AuthorityBench;
let admin: Principal;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  admin = await bench.administrator();
  await bench.plantOperator('admin');
});

const apply = (role: Role, caller = admin) =>
  new ApplyRole(bench.gate, bench.authority, bench.clock).perform(caller, { name: role.role, role }, REQUEST);
const remove = (name: string) => new DeleteRole(bench.gate, bench.authority, bench.clock).perform(admin, name, REQUEST);
const may = (resource: string) =>
  bench.gate.perform({ caller: app, action: 'secret:read', resource, request: REQUEST }, async () => ({ answer: 'yes' }));
const denied = { code: 'denied' };

describe('a role that extends another', () => {
  it('has its rules too, as they are now, and whatever they extend in turn', async () => {
    await apply(BASE);
    await apply(READER);
    expect(await may('app/db')).toBe('yes');
    await expect(may('app/root')).rejects.toMatchObject(denied);
    await apply({ role: 'everywhere', rules: [{ deny: ['secret:read'], on: 'app/db' }], bind: [] });
    await apply({ ...BASE, extends: ['everywhere'] });
    await expect(may('app/db')).rejects.toMatchObject(denied);
    await apply({ ...BASE, rules: [] });
    expect(await may('app/root')).toBe('yes');
  });

  it('is not bound to those whom the other is bound to, nor the other to its own', async () => {
    await apply({ ...BASE, bind: ['spiffe://acme.internal/other'] });
    await apply(READER);
    const names = (id: string) => bench.authority.rolesOf(workload(id)).map(({ role }) => role);
    expect(names(app.id).toSorted()).toEqual(['base', 'reader']);
    expect(names('spiffe://acme.internal/other')).toEqual(['base']);
  });

  it('extends none that there is not, and never itself', async () => {
    await expect(apply(READER)).rejects.toMatchObject({ code: 'invalid_role', hint: 'extends[0]: there is no such role' });
    await apply(BASE);
    await apply(READER);
    await apply({ role: 'third', extends: ['reader'], rules: [], bind: [] });
    await expect(apply({ ...BASE, extends: ['third'] })).rejects.toMatchObject({
      code: 'invalid_role',
      hint: 'extends: it comes back to itself',
    });
    await expect(apply({ ...BASE, extends: ['base'] })).rejects.toMatchObject({
      code: 'invalid_role',
      hint: 'extends: no role extends itself',
    });
  });

  it('keeps that one from being deleted', async () => {
    await apply(BASE);
    await apply(READER);
    await expect(remove('base')).rejects.toMatchObject({ code: 'conflict', hint: 'other roles extend it' });
    await remove('reader');
    await remove('base');
  });

  it('gives away what that one allows, which wants policy:escalate; and so does no longer extending what denies', async () => {
    await bench.plantRole({ role: 'policy', rules: [{ allow: ['policy:read', 'policy:write'], on: '**' }], bind: ['operator:peter'] });
    const peter = operator('peter');
    await apply({ role: 'powers', rules: [{ allow: ['secret:*'], on: '**' }], bind: [] });
    await expect(apply({ role: 'harmless', extends: ['powers'], rules: [], bind: ['operator:peter'] }, peter)).rejects.toMatchObject(
      denied,
    );
    await apply(BASE);
    await apply({ role: 'guarded', extends: ['base'], rules: [], bind: [app.id] });
    await expect(apply({ role: 'guarded', rules: [], bind: [app.id] }, peter)).rejects.toMatchObject(denied);
    await expect(apply({ ...BASE, rules: [] }, peter)).rejects.toMatchObject(denied);
  });

  it('tells who may not read that one nothing about it', async () => {
    const rules: Role['rules'] = [{ allow: ['policy:write', 'policy:escalate'], on: 'mine' }];
    await bench.plantRole({ role: 'own', rules, bind: ['operator:peter'] });
    for (const parent of ['administrator', 'nothing']) {
      const mine: Role = { role: 'mine', extends: [parent], rules: [], bind: [] };
      await expect(apply(mine, operator('peter'))).rejects.toMatchObject(denied);
    }
  });

  it('may be how an operator administers, and what keeps it from it', async () => {
    const policy: Role = { role: 'keys-of-the-house', rules: [{ allow: ['policy:*'], on: '**' }], bind: [] };
    await apply(policy);
    await apply({ role: 'second', extends: ['keys-of-the-house'], rules: [], bind: ['operator:admin'] });
    await remove('administrator');
    await expect(apply({ ...policy, rules: [] })).rejects.toMatchObject({ code: 'conflict' });
    const guard: Role = { role: 'guard', rules: [{ deny: ['policy:write'], on: 'x', when: { from: '10.0.0.0/8' } }], bind: [] };
    await apply(guard);
    await expect(apply({ ...policy, extends: ['guard'] })).rejects.toMatchObject({ code: 'conflict' });
  });
});
