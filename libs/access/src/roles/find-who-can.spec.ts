import { beforeEach, describe, expect, it } from 'vitest';
import type { Role, Rule } from '#authz';
import type { Principal } from '#identity';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { operator } from '../../../../test/support/callers.ts';
import { FindWhoCan } from './find-who-can.ts';

const API = 'spiffe://acme.internal/ns/shop/sa/api';
const EVERY = 'spiffe://acme.internal/ns/*/sa/api';
const read = (on: string, more: object = {}): Rule => ({ allow: ['secret:read'], on, ...more });

let bench: AuthorityBench;
let auditor: Principal;
let whoCan: FindWhoCan;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  auditor = await bench.administrator('auditor');
  // Somebody who reads roles, and no more: nobody is an indirect way but whom a test makes one.
  await plant({ role: 'administrator', rules: [{ allow: ['policy:read'], on: '**' }], bind: ['operator:auditor'] });
  whoCan = new FindWhoCan(bench.gate, bench.authority, bench.clock);
});

async function plant(...roles: Role[]): Promise<void> {
  for (const role of roles) await bench.plantRole(role);
}

const ask = (action = 'secret:read', resource = 'shop/db', caller = auditor) => whoCan.perform(caller, { action, resource }, REQUEST);
const direct = async (resource?: string) => (await ask('secret:read', resource)).direct;
const indirect = async () => (await ask()).indirect.map(({ principal, way, on, rule }) => [principal, way, on, rule].join(' '));

describe('who can', () => {
  it('lists workloads, patterns of them and operators, each through its rule, in one entry', async () => {
    await bench.plantOperator('alice');
    await plant({ role: 'shop', rules: [read('shop/**')], bind: [API, EVERY, 'operator:alice', 'operator:ghost'] });
    expect(await direct()).toEqual([
      { principal: 'operator:alice', rule: 'shop#0' },
      { principal: 'operator:ghost', rule: 'shop#0', absent: true },
      { principal: EVERY, rule: 'shop#0' },
      { principal: API, rule: 'shop#0' },
    ]);
    expect(await direct('ledger/db')).toEqual([]);
    expect(bench.entries('policy:read')).toEqual(['** done', '** done']);
  });

  it('leaves out whom a deny covers, and says of a pattern whom one may cover', async () => {
    await plant(
      { role: 'shop', rules: [read('shop/**')], bind: [EVERY] },
      { role: 'guard', rules: [{ deny: ['secret:read'], on: 'shop/db' }], bind: [API] },
    );
    expect(await direct()).toEqual([{ principal: EVERY, rule: 'shop#0', except: [API] }]);
    await plant({ role: 'guard', rules: [{ deny: ['secret:read'], on: 'shop/db' }], bind: ['spiffe://acme.internal/ns/**'] });
    expect(await direct()).toEqual([]);
  });

  it('says where conditions decide, what is extended, and what is over', async () => {
    await plant(
      { role: 'parent', rules: [read('shop/**', { when: { from: '10.0.0.0/8' } })], bind: [] },
      { role: 'child', extends: ['parent'], rules: [], bind: [API] },
      { role: 'over', rules: [read('shop/**', { until: '2020-01-01T00:00:00Z' })], bind: ['spiffe://acme.internal/old'] },
      { role: 'night', rules: [{ deny: ['secret:read'], on: 'shop/**', when: { time: { between: ['22:00', '06:00'] } } }], bind: [API] },
    );
    expect(await direct()).toEqual([{ principal: API, rule: 'parent#0', conditional: true, unless: ['night#0'] }]);
  });

  it('knows what is built in', async () => {
    expect((await ask('identity:certify', API)).direct).toEqual([
      { principal: 'anonymous', rule: 'builtin:enrolment' },
      { principal: API, rule: 'builtin:own-certificate' },
    ]);
    expect((await ask('system:status', 'server')).direct).toEqual([{ principal: 'anonymous', rule: 'builtin:look-around' }]);
  });

  it('is for who may read all roles, and answers questions only', async () => {
    await expect(ask('secret:read', 'shop/db', operator('nobody'))).rejects.toMatchObject({ code: 'denied' });
    await expect(ask('secret:reed')).rejects.toMatchObject({ code: 'invalid_question' });
  });
});

describe('the indirect ways', () => {
  const ESCALATE: Rule = { allow: ['policy:escalate'], on: '**' };

  beforeEach(() => plant({ role: 'shop', rules: [read('shop/**')], bind: [API] }));

  it('are none where nobody administers', async () => {
    expect(await indirect()).toEqual([]);
  });

  it('are enrolling as a workload that can, for who may give what it holds', async () => {
    await plant({ role: 'enroller', rules: [{ allow: ['identity:enrol'], on: 'spiffe://acme.internal/ns/**' }], bind: ['operator:eve'] });
    expect(await indirect()).toEqual([]);
    await plant({ role: 'giver', rules: [{ allow: ['policy:escalate'], on: 'shop' }], bind: ['operator:eve'] });
    expect(await indirect()).toEqual([`operator:eve enrol ${API} enroller#0`]);
  });

  it('are writing a role, with policy:escalate', async () => {
    await plant({ role: 'writer', rules: [{ allow: ['policy:write'], on: 'sh*' }], bind: ['operator:eve'] });
    expect(await indirect()).toEqual([]);
    await plant({ role: 'giver', rules: [ESCALATE], bind: ['operator:eve'] });
    expect(await indirect()).toEqual(['operator:eve role shop writer#0']);
  });

  it('are trusting a domain or an issuer that speaks for such a workload', async () => {
    const trust = (on: string): Rule => ({ allow: ['identity:trust'], on });
    const rules = [trust('trust-domain:acme.internal'), trust('issuer:ci'), trust('provider:*'), ESCALATE];
    await plant({ role: 'truster', rules, bind: ['operator:eve'] });
    expect(await indirect()).toEqual(['operator:eve trust issuer:* truster#1', 'operator:eve trust trust-domain:acme.internal truster#0']);
  });

  it('are putting an operator into a group, and becoming an operator who can', async () => {
    await bench.plantOperator('alice');
    await plant(
      { role: 'shop', rules: [read('shop/**')], bind: ['group:sre', 'operator:alice'] },
      { role: 'operating', rules: [{ allow: ['identity:operate'], on: 'operator:*' }, ESCALATE], bind: ['operator:eve'] }, // prettier-ignore
    );
    expect(await indirect()).toEqual(['operator:eve operator operator:alice operating#0', 'operator:eve group group:sre operating#0']);
  });

  it('are trusting a provider that gives the group', async () => {
    await plant(
      { role: 'shop', rules: [read('shop/**')], bind: ['group:sre'] },
      { role: 'truster', rules: [{ allow: ['identity:trust'], on: 'provider:*' }, ESCALATE], bind: ['operator:eve'] }, // prettier-ignore
    );
    expect(await indirect()).toEqual(['operator:eve trust provider:* truster#0']);
  });

  it('are enrolling as the workload that an operator may come as', async () => {
    const certificate = 'spiffe://acme.internal/admins/alice';
    const record = { name: 'alice', certificate, createdAt: bench.clock.now().toISOString() };
    bench.committer.plantAndTell(bench.authority.put('operator', record, undefined));
    await plant(
      { role: 'shop', rules: [read('shop/**')], bind: ['operator:alice'] },
      { role: 'enroller', rules: [{ allow: ['identity:enrol'], on: 'spiffe://acme.internal/**' }, ESCALATE], bind: ['operator:eve'] }, // prettier-ignore
    );
    expect(await indirect()).toEqual([`operator:eve enrol ${certificate} enroller#0`]);
  });

  it('are named once, however many of those who can they lead to', async () => {
    await plant(
      { role: 'shop', rules: [read('shop/**')], bind: [API, EVERY] },
      { role: 'truster', rules: [{ allow: ['identity:trust'], on: 'trust-domain:*' }, ESCALATE], bind: ['operator:eve'] }, // prettier-ignore
    );
    expect(await indirect()).toEqual(['operator:eve trust trust-domain:acme.internal truster#0']);
  });

  it('are changing the labels that it hangs on', async () => {
    await plant(
      { role: 'shop', rules: [read('shop/**', { when: { 'label.tier': 'web' } })], bind: [API] },
      { role: 'labeller', rules: [{ allow: ['secret:label'], on: 'shop/**' }], bind: ['operator:eve'] },
    );
    expect(await indirect()).toEqual(['operator:eve label shop/db labeller#0']);
  });

  it('are not shown for who can do it anyway', async () => {
    await plant({ role: 'all', rules: [read('**'), ESCALATE, { allow: ['policy:write'], on: '**' }], bind: ['operator:root'] });
    expect(await indirect()).toEqual([]);
  });
});
