import { beforeEach, describe, expect, it } from 'vitest';
import { ANONYMOUS, type Principal } from '#identity';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { operator, workload } from '../../../../test/support/callers.ts';
import { clusterDefinition, TokenIssuer } from '../../../../test/support/token-issuer.ts';
import { DeleteIssuer } from './delete-issuer.ts';
import { GetIssuer } from './get-issuer.ts';
import { ListIssuers } from './list-issuers.ts';
import { PutIssuer } from './put-issuer.ts';

const cluster = new TokenIssuer();
const ANY_POD = 'spiffe://acme.internal/ns/*/sa/*';
const trust = { allow: ['identity:trust' as const], on: '**' };
const denied = { code: 'denied' };

let bench: AuthorityBench;
let admin: Principal;
let put: PutIssuer;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  admin = await bench.administrator();
  put = new PutIssuer(bench.gate, bench.authority, bench.clock);
});

const apply = (changes: object = {}, caller = admin) => {
  const definition = clusterDefinition(cluster, changes);
  return put.perform(caller, definition.issuer, definition, REQUEST);
};

describe('an issuer', () => {
  it('is put, read, listed, put anew and removed, and each is an entry', async () => {
    expect(await apply()).toMatchObject({ issuer: 'cluster-a', version: 1, updatedBy: 'admin', keys: [{ alg: 'ES256' }] });
    expect(await apply({ audiences: ['blue'] })).toMatchObject({ version: 2, audiences: ['blue'] });
    const get = new GetIssuer(bench.gate, bench.authority);
    expect(await get.perform(admin, 'cluster-a', REQUEST)).toMatchObject({ version: 2 });
    await apply({ issuer: 'another', url: 'https://another.example' });
    const listed = await new ListIssuers(bench.gate, bench.authority).perform(admin, REQUEST);
    expect(listed.map(({ issuer }) => issuer)).toEqual(['another', 'cluster-a']);
    const remove = new DeleteIssuer(bench.gate, bench.authority);
    await remove.perform(admin, 'cluster-a', REQUEST);
    await expect(get.perform(admin, 'cluster-a', REQUEST)).rejects.toMatchObject({ code: 'not_found' });
    await expect(remove.perform(admin, 'cluster-a', REQUEST)).rejects.toMatchObject({ code: 'not_found' });
    expect(bench.entries('identity:trust')).toEqual([
      'issuer:cluster-a done',
      'issuer:cluster-a done',
      'issuer:another done',
      'issuer:cluster-a done',
      'issuer:cluster-a failed not_found',
    ]);
    expect(bench.entries('identity:describe')).toEqual(['issuer:cluster-a done', '** done', 'issuer:cluster-a failed not_found']);
  });

  it('outlives a restart', async () => {
    await apply();
    expect((await bench.restarted()).authority.find('issuer', 'cluster-a')?.body).toMatchObject({ url: cluster.url });
  });

  it('moves no decision: it is no role', async () => {
    const before = bench.authority.revisionOf('role');
    await apply();
    expect(bench.authority.revisionOf('role')).toBe(before);
  });

  it('is for nobody to put, remove or look at but who may', async () => {
    await apply();
    for (const caller of [ANONYMOUS, workload('spiffe://acme.internal/w'), operator('mallory')]) {
      await expect(apply({}, caller)).rejects.toMatchObject(denied);
      for (const name of ['cluster-a', 'cluster-b']) {
        await expect(new DeleteIssuer(bench.gate, bench.authority).perform(caller, name, REQUEST)).rejects.toMatchObject(denied);
        await expect(new GetIssuer(bench.gate, bench.authority).perform(caller, name, REQUEST)).rejects.toMatchObject(denied);
      }
      await expect(new ListIssuers(bench.gate, bench.authority).perform(caller, REQUEST)).rejects.toMatchObject(denied);
    }
  });

  it('C26: has its url for itself, so that one subject of two clusters is never one workload', async () => {
    await apply();
    await expect(apply({ issuer: 'cluster-b' })).rejects.toMatchObject({ code: 'conflict' });
  });

  it.each<[string, object]>([
    ['whose name is none', { issuer: 'Cluster A' }],
    ['without a key', { jwks: { keys: [] } }],
    ['with a rule to another trust domain', { rules: [{ id: 'spiffe://other.internal/{sub}' }] }],
    ['with a rule to no SPIFFE ID', { rules: [{ id: 'spiffe://acme.internal/ns-{sub}' }] }],
    ['whose every pod is one workload', { rules: [{ id: 'spiffe://acme.internal/all' }] }],
    ['with a condition on a claim that is none', { rules: [{ id: 'spiffe://acme.internal/a', when: { 'a b': 'x' } }] }],
    ['with a pattern that is none', { rules: [{ id: 'spiffe://acme.internal/a', when: { sub: 'a**' } }] }],
    ['of anybody, for one workload', { kind: 'jwt', rules: [{ id: 'spiffe://acme.internal/ci' }] }],
    ['of anybody, for whatever they claim', { kind: 'jwt', rules: [{ id: 'spiffe://acme.internal/ci/{sub}' }] }],
    [
      'of anybody, with a condition that all fulfil',
      { kind: 'jwt', rules: [{ id: 'spiffe://acme.internal/ci/{sub}', when: { sub: '**' } }] },
    ],
    [
      'of anybody, with such a condition among others',
      { kind: 'jwt', rules: [{ id: 'spiffe://acme.internal/ci', when: { sub: ['a', '*/*'] } }] },
    ],
  ])('%s is refused', async (_what, changes) => {
    await expect(apply(changes)).rejects.toMatchObject({ code: 'invalid_issuer' });
  });
});

describe('who trusts an issuer', () => {
  const eve = operator('eve');
  const reader = { role: 'reader', rules: [{ allow: ['secret:read' as const], on: 'app/**' }] };

  beforeEach(() => bench.plantRole({ role: 'truster', rules: [trust], bind: ['operator:eve'] }));

  it.each([ANY_POD, 'spiffe://acme.internal/ns/payments/sa/api', 'spiffe://acme.internal/**'])(
    'gives nobody what is bound to %s, without policy:escalate',
    async (bind) => {
      await bench.plantRole({ ...reader, bind: [bind] });
      await expect(apply({}, eve)).rejects.toMatchObject(denied);
      await bench.plantRole({ role: 'granter', rules: [{ allow: ['policy:escalate'], on: 'reader' }], bind: ['operator:eve'] });
      expect(await apply({}, eve)).toMatchObject({ version: 1 });
    },
  );

  it('may make workloads that have nothing, or no more than they have', async () => {
    await bench.plantRole({ ...reader, bind: ['spiffe://acme.internal/vm/*', 'spiffe://other.internal/**'] });
    expect(await apply({}, eve)).toMatchObject({ version: 1 });
    await bench.plantRole({ ...reader, bind: [ANY_POD, 'operator:eve'] });
    expect(await apply({}, eve)).toMatchObject({ version: 2 });
  });

  it('sheds no deny by it', async () => {
    const guard = { role: 'guard', rules: [{ deny: ['secret:list' as const], on: 'hr/**' }] };
    for (const bind of [[], ['spiffe://acme.internal/ns/payments/sa/api'], ['spiffe://acme.internal/ns/a*/sa/*']]) {
      await bench.plantRole({ ...guard, bind: ['operator:eve', ...bind] });
      await expect(apply({}, eve)).rejects.toMatchObject(denied);
    }
    await bench.plantRole({ ...guard, bind: ['operator:eve', ANY_POD] });
    expect(await apply({}, eve)).toMatchObject({ version: 1 });
  });
});
