import { beforeEach, describe, expect, it } from 'vitest';
import type { Role } from '#authz';
import type { Principal } from '#identity';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { operator, workload } from '../../../../test/support/callers.ts';
import { ApplyRole } from './apply-role.ts';
import { ApplyRoles } from './apply-roles.ts';
import { CompareRoleVersions } from './compare-role-versions.ts';
import { DeleteRole } from './delete-role.ts';
import { GetRole } from './get-role.ts';
import { ListRoleVersions } from './list-role-versions.ts';
import { KEPT_VERSIONS } from './role-history.ts';

const APP = 'spiffe://acme.internal/app';
const reader = (on: string, role = 'reader'): Role => ({ role, rules: [{ allow: ['secret:read'], on }], bind: [APP] });
const denied = { code: 'denied' };
const conflict = { code: 'conflict' };
const notFound = { code: 'not_found' };

let bench: AuthorityBench;
let admin: Principal;
let apply: ApplyRole;
let applyAll: ApplyRoles;
let get: GetRole;
let remove: DeleteRole;
let list: ListRoleVersions;
let compare: CompareRoleVersions;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  admin = await bench.administrator();
  await bench.plantOperator('admin');
  operations();
});

function operations(): void {
  apply = new ApplyRole(bench.gate, bench.authority, bench.clock);
  applyAll = new ApplyRoles(bench.gate, bench.authority, bench.clock);
  get = new GetRole(bench.gate, bench.authority);
  remove = new DeleteRole(bench.gate, bench.authority, bench.clock);
  list = new ListRoleVersions(bench.gate, bench.authority);
  compare = new CompareRoleVersions(bench.gate, bench.authority);
}

const put = (role: Role, terms?: { reason?: string; ifVersion?: number }) =>
  apply.perform(admin, { name: role.role, role, ...terms }, REQUEST);
const numbers = async (name = 'reader') => (await list.perform(admin, name, REQUEST)).map(({ version }) => version);
const wish = (role: Role, ifVersion?: number) => ({ name: role.role, role, ifVersion });
const rowsOf = (kind: string) => [...bench.committer.rows.values()].filter((row) => row.kind === kind).length;

describe('the versions of a role', () => {
  it('say who changed it, when and why', async () => {
    await put(reader('a/**'), { reason: 'the first app' });
    bench.clock.advance(1000);
    await put(reader('b/**'));
    expect(await list.perform(admin, 'reader', REQUEST)).toEqual([
      { version: 2, updatedAt: '2026-12-01T12:00:01.000Z', updatedBy: 'operator:admin', reason: undefined, deleted: false },
      { version: 1, updatedAt: '2026-12-01T12:00:00.000Z', updatedBy: 'operator:admin', reason: 'the first app', deleted: false },
    ]);
  });

  it('are read back as they were, after a restart too', async () => {
    await put(reader('a/**'));
    await put(reader('b/**'));
    bench = await bench.restarted();
    operations();
    expect(await get.perform(admin, 'reader', REQUEST, 1)).toMatchObject({ ...reader('a/**'), version: 1 });
    expect(await get.perform(admin, 'reader', REQUEST, 2)).toMatchObject({ ...reader('b/**'), version: 2 });
    await expect(get.perform(admin, 'reader', REQUEST, 3)).rejects.toMatchObject(notFound);
  });

  it('do not count a change that changes nothing, whatever the order of its rules', async () => {
    const two = { ...reader('a/**'), rules: [...reader('a/**').rules, ...reader('b/**').rules] };
    await put(two);
    expect(await put({ ...two, rules: two.rules.toReversed() })).toMatchObject({ version: 1 });
    expect(await numbers()).toEqual([1]);
    expect(bench.committer.entries.at(-2)).toMatchObject({ action: 'policy:write', version: 1, digest: undefined });
  });

  it('outlive the role, and go on when it is made anew', async () => {
    await put(reader('a/**'));
    await remove.perform(admin, 'reader', REQUEST, { reason: 'not needed' });
    expect(await list.perform(admin, 'reader', REQUEST)).toMatchObject([
      { version: 2, deleted: true, reason: 'not needed', updatedBy: 'operator:admin' },
      { version: 1, deleted: false },
    ]);
    await expect(get.perform(admin, 'reader', REQUEST)).rejects.toMatchObject(notFound);
    await expect(get.perform(admin, 'reader', REQUEST, 2)).rejects.toMatchObject(notFound);
    expect(await get.perform(admin, 'reader', REQUEST, 1)).toMatchObject(reader('a/**'));
    expect(await put(reader('c/**'))).toMatchObject({ version: 3 });
    expect(await numbers()).toEqual([3, 2, 1]);
  });

  it('B13: give a role that is made anew nothing of its old life', async () => {
    await put(reader('a/**'));
    await remove.perform(admin, 'reader', REQUEST);
    await put({ role: 'reader', rules: [], bind: [] });
    expect(bench.authority.rolesOf(workload(APP))).toEqual([]);
  });

  it('are bounded: the oldest go', async () => {
    for (let version = 1; version <= KEPT_VERSIONS + 5; version++) await put(reader(`v${version}/**`));
    const kept = await numbers();
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([KEPT_VERSIONS + 1, KEPT_VERSIONS + 5, 5]);
    expect(rowsOf('role-version')).toBe(KEPT_VERSIONS);
  });

  it('of deleted roles are bounded too', async () => {
    for (let at = 0; at < 1_000; at++) {
      const [role, updatedAt] = [`deleted-${at}`, new Date(Date.UTC(2026, 0, 1, 0, 0, at)).toISOString()];
      const deleted = { role, version: 2, updatedAt, updatedBy: 'a test', deleted: true } as const;
      bench.committer.plantAndTell(bench.authority.put('deleted-role', deleted, undefined));
    }
    bench.committer.plantAndTell(
      bench.authority.put('role-version', { ...reader('a/**', 'deleted-0'), version: 1, updatedAt: '', updatedBy: '' }, undefined),
    );
    await put(reader('a/**'));
    await remove.perform(admin, 'reader', REQUEST);
    expect([rowsOf('deleted-role'), rowsOf('role-version')]).toEqual([1_000, 1]);
    await expect(list.perform(admin, 'deleted-0', REQUEST)).rejects.toMatchObject(notFound);
    expect(await numbers('deleted-1')).toEqual([2]);
  });

  it('are compared in words', async () => {
    await put(reader('a/**'));
    await put({ ...reader('b/**'), bind: [APP, 'operator:bob'] });
    const changed = ['- allow secret:read on a/**', '+ allow secret:read on b/**', '+ bind operator:bob'];
    expect(await compare.perform(admin, 'reader', {}, REQUEST)).toEqual({ from: 1, to: 2, diff: changed });
    expect(await compare.perform(admin, 'reader', { from: 2, to: 1 }, REQUEST)).toMatchObject({
      diff: ['- allow secret:read on b/**', '- bind operator:bob', '+ allow secret:read on a/**'],
    });
    expect(await compare.perform(admin, 'reader', { to: 1 }, REQUEST)).toMatchObject({ from: 0, diff: expect.any(Array) });
    await expect(compare.perform(admin, 'reader', { from: 9 }, REQUEST)).rejects.toMatchObject(notFound);
  });

  it('are for nobody to see but who may read the role, whether it exists or not', async () => {
    for (const caller of [workload(APP), operator('mallory')]) {
      for (const name of ['administrator', 'nothing']) {
        await expect(list.perform(caller, name, REQUEST)).rejects.toMatchObject(denied);
        await expect(compare.perform(caller, name, {}, REQUEST)).rejects.toMatchObject(denied);
        await expect(get.perform(caller, name, REQUEST, 1)).rejects.toMatchObject(denied);
      }
    }
  });
});

describe('a change on the terms of a version', () => {
  it('is made only while the role has it', async () => {
    expect(await put(reader('a/**'), { ifVersion: 0 })).toMatchObject({ version: 1 });
    await expect(put(reader('b/**'), { ifVersion: 0 })).rejects.toMatchObject(conflict);
    await expect(put(reader('b/**'), { ifVersion: 2 })).rejects.toMatchObject(conflict);
    expect(await put(reader('b/**'), { ifVersion: 1 })).toMatchObject({ version: 2 });
    await expect(remove.perform(admin, 'reader', REQUEST, { ifVersion: 1 })).rejects.toMatchObject(conflict);
    await remove.perform(admin, 'reader', REQUEST, { ifVersion: 2 });
  });

  it('F14: is made once of 64 at once', async () => {
    await put(reader('v0/**'));
    const settled = await Promise.allSettled(Array.from({ length: 64 }, (_, at) => put(reader(`w${at}/**`), { ifVersion: 1 })));
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await numbers()).toEqual([2, 1]);
  });
});

describe('roles that are applied together', () => {
  const file = [wish(reader('a/**', 'one')), wish(reader('b/**', 'two'))];

  it('come in one commit, with an entry each', async () => {
    expect(await applyAll.perform(admin, { wishes: file, reason: 'from a file' }, REQUEST)).toMatchObject([
      { role: 'one', version: 1, change: 'created', escalates: true },
      { role: 'two', version: 1, change: 'created' },
    ]);
    const submission = bench.committer.submissions.at(-1);
    expect(submission?.entries).toMatchObject([
      { resource: 'one', version: 1, outcome: 'done', digest: expect.any(String) },
      { resource: 'two', version: 1, outcome: 'done', digest: expect.any(String) },
    ]);
    expect(submission?.writes).toHaveLength(2);
    expect((await list.perform(admin, 'two', REQUEST))[0]).toMatchObject({ reason: 'from a file' });
  });

  it('say what would change in a dry run, and change nothing', async () => {
    await put(reader('a/**', 'one'));
    const before = bench.committer.rows.size;
    const wishes = [wish(reader('a/**', 'one')), wish(reader('b/**', 'two'))];
    expect(await applyAll.perform(admin, { wishes, dryRun: true }, REQUEST)).toEqual([
      { role: 'one', version: 1, change: 'unchanged', escalates: false, diff: [] },
      { role: 'two', version: 1, change: 'created', escalates: true, diff: ['+ allow secret:read on b/**', `+ bind ${APP}`] },
    ]);
    expect(bench.committer.rows.size).toBe(before);
    expect(bench.committer.entries.slice(-2)).toMatchObject([
      { resource: 'one', digest: undefined },
      { resource: 'two', digest: undefined },
    ]);
  });

  it.each([
    ['one is no role', [wish(reader('a/**', 'one')), { name: 'two', role: { role: 'two', rules: [{}], bind: [] } }], 'invalid_role'],
    ['one is put under another name', [wish(reader('a/**', 'one')), { name: 'two', role: reader('a/**', 'one') }], 'invalid_role'],
    ['one is there twice', [wish(reader('a/**', 'one')), wish(reader('b/**', 'one'))], 'invalid_role'],
    ['one has another version', [wish(reader('a/**', 'one')), wish(reader('b/**', 'two'), 7)], 'conflict'],
  ])('A25, B8: are all left as they were when %s', async (_why, wishes, code) => {
    const before = new Map(bench.committer.rows);
    await expect(applyAll.perform(admin, { wishes }, REQUEST)).rejects.toMatchObject({ code });
    await expect(applyAll.perform(admin, { wishes, dryRun: true }, REQUEST)).rejects.toMatchObject({ code });
    expect(bench.committer.rows).toEqual(before);
    expect(bench.entries('policy:write')[0]).toBe(`one failed ${code}`);
  });

  it('B8: are all denied where one is, and the log names that one', async () => {
    const rules = [{ allow: ['policy:write' as const, 'policy:escalate' as const], on: 'one' }];
    await bench.plantRole({ role: 'policy', rules, bind: ['operator:peter'] });
    await expect(applyAll.perform(operator('peter'), { wishes: file }, REQUEST)).rejects.toMatchObject(denied);
    expect(bench.entries('policy:write')).toEqual(['two denied denied']);
    expect(bench.authority.all('role')).toHaveLength(2);
  });

  it('want policy:escalate for each that widens, in a dry run too', async () => {
    const rules = [
      { allow: ['policy:write' as const], on: '**' },
      { allow: ['policy:escalate' as const], on: 'one' },
    ];
    await bench.plantRole({ role: 'policy', rules, bind: ['operator:peter'] });
    await applyAll.perform(
      operator('peter'),
      { wishes: [wish(reader('a/**', 'one')), wish({ ...reader('b/**', 'two'), rules: [] })] },
      REQUEST,
    );
    for (const dryRun of [false, true]) {
      await expect(applyAll.perform(operator('peter'), { wishes: file, dryRun }, REQUEST)).rejects.toMatchObject(denied);
    }
  });

  it('show no role to who may write it and not read it', async () => {
    await bench.plantRole(reader('secret-project/**', 'one'));
    await bench.plantRole({ role: 'policy', rules: [{ allow: ['policy:write'], on: '**' }], bind: ['operator:peter'] });
    const [shown] = await applyAll.perform(
      operator('peter'),
      { wishes: [wish({ role: 'one', rules: [], bind: [] })], dryRun: true },
      REQUEST,
    );
    expect(shown).toEqual({ role: 'one', version: 2, change: 'changed', escalates: false });
  });

  describe('hand administration on', () => {
    const second: Role = { role: 'second', rules: [{ allow: ['policy:*'], on: '*' }], bind: ['operator:admin'] };
    const administrator = (): Role => {
      const { role, rules } = bench.authority.find('role', 'administrator')?.body ?? second;
      return { role, rules, bind: [] };
    };

    it('from one role to the other, which neither could alone', async () => {
      await expect(put(administrator())).rejects.toMatchObject(conflict);
      await applyAll.perform(admin, { wishes: [wish(administrator()), wish(second)] }, REQUEST);
      expect(bench.authority.rolesOf(admin).map(({ role }) => role)).toEqual(['second']);
    });

    it('to nobody never, though each alone would do', async () => {
      await put(second);
      const wishes = [wish(administrator()), wish({ ...second, bind: [] })];
      await expect(applyAll.perform(admin, { wishes }, REQUEST)).rejects.toMatchObject(conflict);
    });
  });
});
