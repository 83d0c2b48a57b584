import { beforeEach, describe, expect, it } from 'vitest';
import type { Role } from '#authz';
import { ANONYMOUS, type Principal } from '#identity';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { operator, workload } from '../../../../test/support/callers.ts';
import { ApplyRole } from './apply-role.ts';
import { DeleteRole } from './delete-role.ts';
import { GetRole } from './get-role.ts';
import { ListRoles } from './list-roles.ts';

const READER = { role: 'reader', rules: [{ allow: ['secret:read' as const], on: 'app/**' }], bind: ['spiffe://acme.internal/app'] };
const denied = { code: 'denied' };

let bench: AuthorityBench;
let admin: Principal;
let apply: ApplyRole;
let get: GetRole;
let list: ListRoles;
let remove: DeleteRole;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  admin = await bench.administrator();
  await bench.plantOperator('admin');
  apply = new ApplyRole(bench.gate, bench.authority, bench.clock);
  get = new GetRole(bench.gate, bench.authority);
  list = new ListRoles(bench.gate, bench.authority);
  remove = new DeleteRole(bench.gate, bench.authority, bench.clock);
});

/** Somebody who may administer roles but not give away what nobody has. */
async function policyOperator(): Promise<Principal> {
  const rules = [{ allow: ['policy:read' as const, 'policy:write' as const, 'policy:delete' as const], on: '**' }];
  await bench.plantRole({ role: 'policy', rules, bind: ['operator:peter'] });
  return operator('peter');
}

describe('a role', () => {
  it('is in force as soon as it is applied, and counts its versions', async () => {
    expect(await apply.perform(admin, { name: 'reader', role: READER }, REQUEST)).toMatchObject({
      ...READER,
      version: 1,
      updatedAt: '2026-12-01T12:00:00.000Z',
    });
    expect(bench.authority.rolesOf(workload('spiffe://acme.internal/app')).map(({ role }) => role)).toEqual(['reader']);
    expect(await apply.perform(admin, { name: 'reader', role: { ...READER, bind: [] } }, REQUEST)).toMatchObject({ version: 2 });
    expect(bench.authority.rolesOf(workload('spiffe://acme.internal/app'))).toEqual([]);
    expect(bench.committer.entries.filter(({ action }) => action === 'policy:write').map(({ version }) => version)).toEqual([1, 2]);
  });

  it('is read back as it was applied', async () => {
    await apply.perform(admin, { name: 'reader', role: READER }, REQUEST);
    expect(await get.perform(admin, 'reader', REQUEST)).toMatchObject(READER);
    expect((await list.perform(admin, REQUEST)).map(({ role }) => role)).toEqual(['administrator', 'reader']);
  });

  it('is gone when it is deleted', async () => {
    await apply.perform(admin, { name: 'reader', role: READER }, REQUEST);
    await remove.perform(admin, 'reader', REQUEST);
    expect(bench.authority.rolesOf(workload('spiffe://acme.internal/app'))).toEqual([]);
    await expect(get.perform(admin, 'reader', REQUEST)).rejects.toMatchObject({ code: 'not_found' });
    await expect(remove.perform(admin, 'reader', REQUEST)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is put under its own name', async () => {
    await expect(apply.perform(admin, { name: 'other', role: READER }, REQUEST)).rejects.toMatchObject({ code: 'invalid_role' });
  });

  it.each(['Root', 'root ', 'r\u200boot', '\uff52oot', 'r\u043eot', '../root', 'a/../../root', 'a%2fb', 'a\0b', '', '__proto__'])(
    'is not called %j',
    async (name) => {
      await expect(apply.perform(admin, { name: name, role: { ...READER, role: name } }, REQUEST)).rejects.toMatchObject({
        code: 'invalid_role',
      });
      expect(bench.authority.all('role')).toHaveLength(1);
    },
  );

  it('is for nobody to read or change but who may, whether it exists or not', async () => {
    for (const caller of [ANONYMOUS, workload('spiffe://acme.internal/app'), operator('mallory')]) {
      for (const name of ['administrator', 'nothing']) {
        await expect(get.perform(caller, name, REQUEST)).rejects.toMatchObject(denied);
        await expect(remove.perform(caller, name, REQUEST)).rejects.toMatchObject(denied);
        await expect(apply.perform(caller, { name: name, role: { ...READER, role: name } }, REQUEST)).rejects.toMatchObject(denied);
      }
      await expect(list.perform(caller, REQUEST)).rejects.toMatchObject(denied);
    }
  });

  it('is listed to who may list it and hidden from who may not', async () => {
    await bench.plantRole({ role: 'lister', rules: [{ allow: ['policy:list'], on: 'l*' }], bind: ['operator:lisa'] });
    expect((await list.perform(operator('lisa'), REQUEST)).map(({ role }) => role)).toEqual(['lister']);
  });
});

describe('nobody', () => {
  it('gives away what nobody had, without policy:escalate', async () => {
    const peter = await policyOperator();
    await expect(apply.perform(peter, { name: 'reader', role: READER }, REQUEST)).rejects.toMatchObject(denied);
    const own = { role: 'policy', rules: [{ allow: ['secret:*'], on: '**' }], bind: ['operator:peter'] };
    await expect(apply.perform(peter, { name: 'policy', role: own }, REQUEST)).rejects.toMatchObject(denied);
    const administrator = { ...(await get.perform(peter, 'administrator', REQUEST)), bind: ['operator:peter'] };
    const { role, rules, bind } = administrator;
    await expect(apply.perform(peter, { name: 'administrator', role: { role, rules, bind } }, REQUEST)).rejects.toMatchObject(denied);
    expect(bench.authority.rolesOf(peter).map((held) => held.role)).toEqual(['policy']);
  });

  it('needs it to take something away', async () => {
    const peter = await policyOperator();
    await bench.plantRole(READER);
    expect(await apply.perform(peter, { name: 'reader', role: { ...READER, bind: [] } }, REQUEST)).toMatchObject({ version: 2 });
    await remove.perform(peter, 'reader', REQUEST);
  });

  it('lifts a deny without it', async () => {
    const peter = await policyOperator();
    const deny = { role: 'guard', rules: [{ deny: ['secret:*' as const], on: 'root/**' }], bind: ['spiffe://acme.internal/**'] };
    expect(await apply.perform(peter, { name: 'guard', role: deny }, REQUEST)).toMatchObject({ version: 1 });
    await expect(apply.perform(peter, { name: 'guard', role: { ...deny, bind: [] } }, REQUEST)).rejects.toMatchObject(denied);
    await expect(apply.perform(peter, { name: 'guard', role: { ...deny, rules: [] } }, REQUEST)).rejects.toMatchObject(denied);
    await expect(remove.perform(peter, 'guard', REQUEST)).rejects.toMatchObject(denied);
    await remove.perform(admin, 'guard', REQUEST);
  });

  describe('leaves the server without an operator who administers, for good', () => {
    const conflict = { code: 'conflict' };
    const SECOND = { role: 'second', rules: [{ allow: ['policy:*' as const], on: '*' }], bind: ['operator:admin'] };
    const administrator = async () => {
      const { role, rules, bind } = await get.perform(admin, 'administrator', REQUEST);
      return { role, rules, bind };
    };

    it('by deleting the role, though it may', async () => {
      for (const caller of [admin, await policyOperator()]) {
        await expect(remove.perform(caller, 'administrator', REQUEST)).rejects.toMatchObject(conflict);
      }
    });

    it.each<[string, (role: Role) => Partial<Role>]>([
      ['binding it to nobody', () => ({ bind: [] })],
      ['binding it to an operator who is not there', () => ({ bind: ['operator:ghost'] })],
      ['binding it to workloads', () => ({ bind: ['spiffe://acme.internal/**'], everyone: true })],
      ['taking out its rules', () => ({ rules: [] })],
      ['taking out the right to widen', ({ rules }) => ({ rules: rules.filter(({ on }) => on !== '**') })],
      ['leaving the right for some roles', () => ({ rules: [{ allow: ['policy:*'], on: 'a*' }] })],
      ['leaving the right for some time', () => ({ rules: [{ allow: ['policy:*'], on: '**', until: '2027-01-01T00:00:00Z' }] })],
      ['leaving the right under a condition', () => ({ rules: [{ allow: ['policy:*'], on: '**', when: { factors: 2 } }] })],
      ['leaving it to a group', () => ({ bind: ['group:admins'] })],
      ['leaving one right of the two', () => ({ rules: [{ allow: ['policy:write'], on: '**' }] })],
      ['denying it some role', ({ rules }) => ({ rules: [...rules, { deny: ['policy:escalate'], on: 'guard' }] })],
    ])('by %s', async (_how, change) => {
      const role = await administrator();
      await expect(apply.perform(admin, { name: 'administrator', role: { ...role, ...change(role) } }, REQUEST)).rejects.toMatchObject(
        conflict,
      );
      expect(await administrator()).toEqual(role);
    });

    it('without any rule being given away', async () => {
      const peter = await policyOperator();
      const { role, bind } = await administrator();
      await expect(apply.perform(peter, { name: 'administrator', role: { role, rules: [], bind } }, REQUEST)).rejects.toMatchObject(
        conflict,
      );
    });

    it('by denying it with another role', async () => {
      const peter = await policyOperator();
      const guard = { role: 'guard', rules: [{ deny: ['policy:*' as const], on: '**' }], bind: ['operator:admin'] };
      await expect(apply.perform(peter, { name: 'guard', role: guard }, REQUEST)).rejects.toMatchObject(conflict);
    });

    it('by two changes at once that are harmless one by one', async () => {
      await apply.perform(admin, { name: 'second', role: SECOND }, REQUEST);
      const role = await administrator();
      bench.committer.hold();
      const changes = [
        remove.perform(admin, 'second', REQUEST),
        apply.perform(admin, { name: 'administrator', role: { ...role, bind: [] } }, REQUEST),
      ];
      await new Promise((resolve) => setImmediate(resolve));
      bench.committer.release();
      const settled = await Promise.allSettled(changes);
      expect(settled).toMatchObject([{ status: 'fulfilled' }, { reason: conflict }]);
    });

    it('but hands it on', async () => {
      await apply.perform(admin, { name: 'second', role: SECOND }, REQUEST);
      await remove.perform(admin, 'administrator', REQUEST);
      expect(bench.authority.rolesOf(admin).map(({ role }) => role)).toEqual(['second']);
    });
  });
});
