import { beforeEach, describe, expect, it } from 'vitest';
import { SecretInventory, type InventoryPage, type InventoryQuery, type Reader, type Role } from '#authz';
import type { Principal } from '#identity';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { operator } from '../../../../test/support/callers.ts';
import { FakeHistory } from '../../../../test/support/fake-history.ts';
import { SimulateRole, type Simulation } from './simulate-role.ts';

const API = 'spiffe://acme.internal/api';
const SHOP: Role = { role: 'shop', rules: [{ allow: ['secret:read'], on: 'shop/**' }], bind: [API, 'operator:alice'] };
const SINCE = '2026-11-01T00:00:00Z';

/** Secrets by name, shown to who may list them, two at a time. */
class FakeInventory extends SecretInventory {
  paths: readonly string[] = [];

  page(_reader: Reader, { may, cursor = '0' }: InventoryQuery): Promise<InventoryPage> {
    const at = Number(cursor);
    const secrets = this.paths.slice(at, at + 2).flatMap((path) => (may('secret:list', path) ? [{ path, labels: {} }] : []));
    return Promise.resolve({ secrets, ...(at + 2 < this.paths.length && { next: `${at + 2}` }) });
  }
}

let bench: AuthorityBench;
let admin: Principal;
let history: FakeHistory;
let inventory: FakeInventory;
let simulate: SimulateRole;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  admin = await bench.administrator();
  await bench.plantRole(SHOP);
  [history, inventory] = [new FakeHistory(), new FakeInventory()];
  simulate = new SimulateRole(bench.gate, bench.authority, bench.clock, { history, inventory });
});

const ask = (simulation: Simulation, caller = admin) => simulate.perform(caller, simulation, REQUEST);

/** Every page, as lines. */
async function all(simulation: Simulation, caller = admin): Promise<string[]> {
  const lines: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask({ ...simulation, cursor }, caller);
    for (const { change, caller, action, resource, rule, by } of page.items)
      lines.push([by, change, caller, action, resource, rule].join(' '));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return lines;
}

const allow = (name: string, action: 'secret:list' | 'audit:read', on: string): Promise<void> =>
  bench.plantRole({ role: name, rules: [{ allow: [action], on }], bind: ['operator:admin'] });

describe('a simulation', () => {
  it('says who gains and who loses, by what the rules say', async () => {
    const rules: Role['rules'] = [{ allow: ['secret:read', 'secret:write'], on: 'shop/**' }];
    expect(await all({ role: { ...SHOP, rules, bind: [API, 'operator:bob'] } })).toEqual([
      'rules lost operator:alice secret:read shop/** shop#0',
      `rules gained ${API} secret:write shop/** shop#0`,
      'rules gained operator:bob secret:read shop/** shop#0',
      'rules gained operator:bob secret:write shop/** shop#0',
    ]);
    expect(await all({ role: SHOP })).toEqual([]);
    expect(bench.entries('policy:read').every((entry) => entry === '** done')).toBe(true);
    expect(bench.authority.find('role', 'shop')?.body.version).toBe(1);
  });

  it('says what goes with a role that is deleted, and what others still give', async () => {
    await bench.plantRole({ role: 'also', rules: [{ allow: ['secret:*'], on: '**' }], bind: [API] });
    expect(await all({ deleted: 'shop' })).toEqual(['rules lost operator:alice secret:read shop/** shop#0']);
  });

  it('follows what is extended', async () => {
    await bench.plantRole({ role: 'parent', rules: [{ allow: ['secret:read'], on: 'parent/**' }], bind: [] });
    const change = await all({ role: { ...SHOP, extends: ['parent'] } });
    expect(change).toEqual([
      'rules gained operator:alice secret:read parent/** parent#0',
      `rules gained ${API} secret:read parent/** parent#0`,
    ]);
  });

  it('says what comes under conditions, or loses them', async () => {
    const rules: Role['rules'] = [{ allow: ['secret:read'], on: 'shop/**', when: { from: '10.0.0.0/8' } }];
    expect((await ask({ role: { ...SHOP, rules, bind: [API] } })).items).toContainEqual({
      caller: API,
      action: 'secret:read',
      resource: 'shop/**',
      change: 'lost',
      rule: 'shop#0',
      conditional: true,
      by: 'rules',
    });
  });

  it('looks at the secrets that the asker may list, page by page', async () => {
    inventory.paths = ['shop/a', 'shop/b', 'shop/hidden', 'shop/c', 'ledger/d'];
    const deny = { role: { ...SHOP, rules: [...SHOP.rules, { deny: ['secret:read'], on: 'shop/*' }], bind: [API] } };
    const found = async () => (await all(deny)).filter((line) => line.startsWith('secrets') && line.includes(API));
    expect(await found()).toEqual([]);
    await bench.plantRole({
      role: 'lister',
      rules: [{ allow: ['secret:list'], on: '**' }, { deny: ['secret:list'], on: 'shop/hidden' }], // prettier-ignore
      bind: ['operator:admin'],
    });
    expect(await found()).toEqual(['shop/a', 'shop/b', 'shop/c'].map((path) => `secrets lost ${API} secret:read ${path} shop#0`));
  });

  it('looks at what was done, for who may read the log', async () => {
    const caller = { kind: 'workload', id: API, method: 'certificate', credential: '' };
    const what = { caller, peer: '', action: 'secret:read', decision: 'allow', outcome: 'released', requestId: 'r' } as const;
    history.entries = ['shop/used', 'shop/used', 'ledger/x'].map((resource) => ({ ...what, time: '2026-11-15T00:00:00.000Z', resource }));
    const last = await ask({ deleted: 'shop', since: SINCE, cursor: 'log' });
    expect(last).toEqual({ items: [], withheld: ['log'] });
    await allow('auditor', 'audit:read', '**');
    expect(await all({ deleted: 'shop', since: SINCE })).toContain(`log lost ${API} secret:read shop/used shop#0`);
    expect((await all({ deleted: 'shop', since: SINCE })).filter((line) => line.startsWith('log'))).toHaveLength(1);
    expect((await all({ deleted: 'shop' })).filter((line) => line.startsWith('log'))).toEqual([]);
  });

  it.each([{}, { deleted: 'shop', role: SHOP }, { deleted: 'shop', cursor: 'log:x' }, { deleted: 'shop', cursor: 'elsewhere' }])(
    'is not asked for by %j',
    async (simulation) => {
      await expect(ask(simulation)).rejects.toMatchObject({ code: 'invalid_question' });
    },
  );

  it('takes no role that would be refused, and is for who may read all roles', async () => {
    await expect(ask({ role: { ...SHOP, rules: [{ allow: ['secret:reed'], on: 'x' }] } })).rejects.toMatchObject({ code: 'invalid_role' });
    await expect(ask({ deleted: 'shop' }, operator('nobody'))).rejects.toMatchObject({ code: 'denied' });
  });
});
