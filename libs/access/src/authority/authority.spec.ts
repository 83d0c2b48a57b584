import { beforeEach, describe, expect, it } from 'vitest';
import { AuthorityBench } from '../../../../test/support/authority-bench.ts';
import { change } from '../../../../test/support/database-bench.ts';
import { Authority } from './authority.ts';

let bench: AuthorityBench;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
});

const role = (name: string, bind: string[]) => ({ role: name, rules: [{ allow: ['secret:read' as const], on: 'app/**' }], bind });
const workload = (id: string) => ({ kind: 'workload' as const, id });

describe('the authority', () => {
  it('begins with a role that administers, bound to nobody, and reads no secret and no log', () => {
    const [administrator, ...others] = bench.authority.all('role').map(({ body }) => body);
    expect(others).toEqual([]);
    expect(administrator?.bind).toEqual([]);
    const actions = administrator?.rules.flatMap(({ allow = [] }) => allow);
    expect(actions).toEqual(['identity:*', 'policy:*', 'system:*']);
  });

  it('knows what was committed at once, and after a restart', async () => {
    await bench.plantRole(role('app', ['spiffe://acme.internal/app']));
    expect(bench.authority.rolesOf(workload('spiffe://acme.internal/app')).map((held) => held.role)).toEqual(['app']);
    const restarted = await bench.restarted();
    expect(restarted.authority.rolesOf(workload('spiffe://acme.internal/app')).map((held) => held.role)).toEqual(['app']);
  });

  it('forgets what was removed', async () => {
    await bench.plantRole(role('app', ['spiffe://acme.internal/app']));
    bench.committer.plantAndTell(bench.authority.remove('role', found('app')));
    expect(bench.authority.find('role', 'app')).toBeUndefined();
    expect(bench.authority.rolesOf(workload('spiffe://acme.internal/app'))).toEqual([]);
  });

  it('moves a kind on with that kind of record only', async () => {
    const before = ['role', 'session'].map((kind) => bench.authority.revisionOf(kind as 'role'));
    await bench.plantRole(role('app', []));
    const after = ['role', 'session'].map((kind) => bench.authority.revisionOf(kind as 'role'));
    expect(after).toEqual([(before[0] ?? 0) + 1, before[1]]);
  });

  it('counts what an operator is, and no new password', async () => {
    const put = (more: object): number => {
      const held = bench.authority.find('operator', 'alice');
      bench.committer.plantAndTell(bench.authority.put('operator', { name: 'alice', createdAt: '', ...held?.body, ...more }, held));
      return bench.authority.operatorStandings;
    };
    const seen = [{}, { groups: ['ops'] }, { password: 'x' }, { groups: ['ops'] }, { disabled: true }, { certificate: 'spiffe://a/b' }].map(
      put,
    );
    const first = seen[0] ?? 0;
    expect(seen.map((count) => count - first)).toEqual([0, 1, 1, 1, 2, 3]);
    expect(bench.authority.groupsOf('alice')).toEqual([]);
    put({ disabled: false });
    expect(bench.authority.groupsOf('alice')).toEqual(['ops']);
    expect(bench.authority.groupsOf('nobody')).toEqual([]);
  });

  it('lets a write go stale when the record has changed since it was found', async () => {
    const held = bench.authority.find('role', 'app');
    const [first, second] = [bench.authority.put('role', stored('app'), held), bench.authority.put('role', stored('app'), held)];
    expect(await bench.committer.commit(change('1', first))).toBe('committed');
    expect(await bench.committer.commit(change('2', second))).toBe('stale');
  });

  it('does not unseal over a row that lies where another belongs', async () => {
    const [key, row] = [...bench.committer.rows].find(([name]) => name.startsWith('role:')) ?? [];
    if (!key || !row) throw new Error('no row');
    bench.committer.rows.delete(key);
    bench.committer.plant({ ...row, key: bench.keyring.recordIndex('role', 'other') });
    const authority = new Authority(bench.clock);
    await expect(authority.unsealed(bench.keyring, bench.reader)).rejects.toMatchObject({ code: 'integrity_failed' });
    expect(authority.all('role')).toEqual([]);
  });

  it('is empty while sealed, and says so', async () => {
    await bench.plantRole(role('app', ['spiffe://acme.internal/app']));
    const before = bench.authority.revisionOf('role');
    await bench.authority.sealing();
    expect(bench.authority.rolesOf(workload('spiffe://acme.internal/app'))).toEqual([]);
    expect(bench.authority.trustBundles.pems()).toEqual([]);
    expect(bench.authority.revisionOf('role')).toBeGreaterThan(before);
    expect(() => bench.authority.find('role', 'app')).toThrow(expect.objectContaining({ code: 'sealed' }));
    expect(() => bench.authority.issuing).toThrow(expect.objectContaining({ code: 'sealed' }));
  });
});

function found(name: string) {
  const held = bench.authority.find('role', name);
  if (held === undefined) throw new Error('no such role');
  return held;
}

function stored(name: string) {
  return { ...role(name, []), version: 1, updatedAt: '', updatedBy: '' };
}
