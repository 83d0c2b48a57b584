import { beforeEach, describe, expect, it } from 'vitest';
import type { Action, Rule } from '#authz';
import { ANONYMOUS, type Principal } from '#identity';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { operator, workload } from '../../../../test/support/callers.ts';
import type { Approval } from './approval.ts';
import { CancelApproval } from './cancel-approval.ts';
import { DecideApproval } from './decide-approval.ts';
import { GetApproval } from './get-approval.ts';
import { ListApprovals } from './list-approvals.ts';
import { RequestApproval } from './request-approval.ts';

const ROOT = 'payments/root';
const APP = 'spiffe://acme.internal/app';
const BREAK_GLASS: Rule = { allow: ['secret:read'], on: 'payments/**', when: { approved: true } };
const DECIDES: Rule = { allow: ['approval:decide', 'approval:list'], on: 'secret:read/payments/**' };
const denied = { code: 'denied' };
const needed = { code: 'approval_needed' };

let bench: AuthorityBench;
let request: RequestApproval;
let decide: DecideApproval;
let get: GetApproval;
let list: ListApprovals;
let cancel: CancelApproval;
const [alice, bob, app] = [operator('alice'), operator('bob'), workload(APP)];

beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  // It plants what the operators of these tests came with.
  await bench.administrator();
  for (const name of ['alice', 'bob', 'mallory']) await bench.plantOperator(name);
  await bench.plantRole({ role: 'glass', rules: [BREAK_GLASS], bind: ['operator:alice', APP] });
  await bench.plantRole({ role: 'second', rules: [DECIDES], bind: ['operator:alice', 'operator:bob', APP] });
  operations();
});

function operations(): void {
  request = new RequestApproval(bench.gate, bench.authority, bench.clock);
  decide = new DecideApproval(bench.gate, bench.authority, bench.clock);
  get = new GetApproval(bench.gate, bench.authority, bench.clock);
  list = new ListApprovals(bench.gate, bench.authority, bench.clock);
  cancel = new CancelApproval(bench.gate, bench.authority, bench.clock);
}

const ask = (caller: Principal, more: object = {}): Promise<Approval> =>
  request.perform(caller, { action: 'secret:read', resource: ROOT, reason: 'the root key', ...more }, REQUEST);
const approve = (caller: Principal, { id }: { id: string }): Promise<Approval> => decide.perform(caller, { id, approve: true }, REQUEST);
const deny = (caller: Principal, { id }: { id: string }): Promise<Approval> => decide.perform(caller, { id, approve: false }, REQUEST);
const read = (caller: Principal, resource = ROOT, id = 'request-1'): Promise<string> =>
  bench.gate.perform({ caller, action: 'secret:read', resource, request: { ...REQUEST, id } }, () => Promise.resolve({ answer: 'value' }));
const approved = async (caller: Principal, more: object = {}): Promise<Approval> => approve(bob, await ask(caller, more));

describe('an access that takes a second person', () => {
  it('is refused until somebody has approved, and says how to ask', async () => {
    await expect(read(alice)).rejects.toMatchObject({ ...needed, hint: expect.stringContaining('holdfast approval request secret:read') });
    await ask(alice);
    await expect(read(alice)).rejects.toMatchObject(needed);
    expect(bench.committer.entries.findLast(({ action }) => action === 'secret:read')).toMatchObject({ outcome: 'denied', ...needed });
  });

  it('is refused as ever to who has no such rule', async () => {
    await expect(read(bob)).rejects.toMatchObject(denied);
    await bench.plantRole({ role: 'lock', rules: [{ deny: ['secret:read'], on: ROOT }], bind: ['operator:alice'] });
    await expect(read(alice)).rejects.toMatchObject(denied);
  });

  it('is carried out once, with an entry that names the approval and its use', async () => {
    const { id } = await approved(alice);
    expect(await read(alice)).toBe('value');
    expect(bench.committer.submissions.at(-1)).toMatchObject({
      writes: [{ kind: 'approval', sealed: null }],
      entries: [{ outcome: 'released', rule: 'glass#0', approval: id, digest: expect.any(String) }],
    });
    await expect(read(alice)).rejects.toMatchObject(needed);
    await expect(get.perform(alice, id, REQUEST)).rejects.toMatchObject(denied);
  });

  it('is carried out until the approval ends, where it was asked for so', async () => {
    const { id, expiresAt } = await approved(alice, { once: false, ttl: 600 });
    expect(expiresAt).toBe('2026-12-01T12:10:00.000Z');
    for (let time = 0; time < 3; time++) expect(await read(alice)).toBe('value');
    expect(await get.perform(alice, id, REQUEST)).toMatchObject({ uses: 3 });
    bench.clock.advance(600_000);
    await expect(read(alice)).rejects.toMatchObject(needed);
  });

  it('F5: is carried out once by 64 at once', async () => {
    await approved(alice);
    const settled = await Promise.allSettled(Array.from({ length: 64 }, () => read(alice)));
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const reasons = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
    expect(new Set(reasons)).toEqual(new Set(['approval_needed']));
  });

  it('counts for its caller, action and resource alone', async () => {
    await approved(alice);
    await expect(read(app)).rejects.toMatchObject(needed);
    await expect(read(workload('spiffe://acme.internal/alice'))).rejects.toMatchObject(denied);
    await expect(read(alice, 'payments/other')).rejects.toMatchObject(needed);
    const listing = { caller: alice, action: 'secret:list', resource: ROOT, request: REQUEST } as const;
    await expect(bench.gate.perform(listing, () => Promise.resolve({ answer: 0 }))).rejects.toMatchObject(denied);
    expect(await read(alice)).toBe('value');
  });

  it('is not carried out by many at once, as a list or a bundle', async () => {
    await approved(alice);
    const each = await bench.gate.performEach(
      { caller: alice, action: 'secret:read', request: REQUEST },
      () => Promise.resolve([ROOT]),
      () => Promise.resolve({ answer: 'value' }),
    );
    expect(each).toMatchObject([{ ok: false, error: denied }]);
  });

  it('is carried out by who has it after a restart, and no more often', async () => {
    await approved(alice);
    bench = await bench.restarted();
    operations();
    expect(await read(alice)).toBe('value');
    bench = await bench.restarted();
    operations();
    await expect(read(alice)).rejects.toMatchObject(needed);
  });

  it('leaves the approval where it was when it came to nothing', async () => {
    await approved(alice);
    const failing = { caller: alice, action: 'secret:read', resource: ROOT, request: REQUEST } as const;
    await expect(bench.gate.perform(failing, () => Promise.reject(new Error('not there')))).rejects.toThrow('not there');
    expect(await read(alice)).toBe('value');
  });
});

describe('policy:escalate, where it takes a second person', () => {
  const escalate: Action = 'policy:escalate';
  const give = { role: 'reader', rules: [{ allow: ['secret:read' as const], on: 'a/**' }], bind: [APP] };

  beforeEach(async () => {
    const rules: Rule[] = [
      { allow: ['policy:write'], on: '**' },
      { allow: [escalate], on: '**', when: { approved: true } },
    ];
    await bench.plantRole({ role: 'policy', rules, bind: ['operator:alice'] });
    await bench.plantRole({ role: 'second', rules: [{ allow: ['approval:decide'], on: 'policy:escalate/**' }], bind: ['operator:bob'] });
    await bench.plantRole({ role: 'root-of-all', rules: [{ allow: ['policy:*'], on: '**' }], bind: ['operator:mallory'] });
  });

  it('is used up by one change, alone or in a file', async () => {
    const { ApplyRole } = await import('../roles/apply-role.ts');
    const { ApplyRoles } = await import('../roles/apply-roles.ts');
    const [one, all] = [ApplyRole, ApplyRoles].map((operation) => new operation(bench.gate, bench.authority, bench.clock)) as [
      InstanceType<typeof ApplyRole>,
      InstanceType<typeof ApplyRoles>,
    ];
    const applyOne = (): Promise<unknown> => one.perform(alice, { name: 'reader', role: give }, REQUEST);
    const applyAll = (): Promise<unknown> => all.perform(alice, { wishes: [{ name: 'reader', role: { ...give, bind: [] } }, { name: 'more', role: { ...give, role: 'more' } }] }, REQUEST); // prettier-ignore
    await expect(applyOne()).rejects.toMatchObject(needed);
    await approved(alice, { action: escalate, resource: 'reader' });
    await applyOne();
    expect(bench.committer.entries.at(-1)).toMatchObject({ action: 'policy:write', approval: expect.stringMatching(/^[0-9a-f]{16}$/) });
    await expect(applyAll()).rejects.toMatchObject(needed);
    const { id } = await approved(alice, { action: escalate, resource: 'more' });
    await applyAll();
    expect(bench.committer.entries.slice(-2)).toMatchObject([{ resource: 'reader' }, { resource: 'more', approval: id }]);
    expect(bench.committer.entries.at(-2)).not.toMatchObject({ approval: expect.anything() });
    expect(bench.authority.all('approval')).toEqual([]);
  });
});

describe('administration that takes two persons', () => {
  const conflict = { code: 'conflict' };
  const two: Rule[] = [
    { allow: ['policy:write', 'policy:delete'], on: '**' },
    { allow: ['policy:escalate'], on: '**', when: { approved: true } },
  ];
  const put = async (role: string, rules: readonly Rule[], bind: readonly string[]): Promise<unknown> => {
    const { ApplyRole } = await import('../roles/apply-role.ts');
    const admin = await bench.administrator('root');
    await bench.plantRole({ role: 'administrator', rules: bench.authority.roles('administrator')?.rules ?? [], bind: ['operator:root'] });
    const operation = new ApplyRole(bench.gate, bench.authority, bench.clock);
    return operation.perform(admin, { name: role, role: { role, rules, bind } }, REQUEST);
  };
  beforeEach(() => bench.plantRole({ role: 'policy', rules: two, bind: ['operator:alice'] }));

  it('is enough where another operator may approve of it', async () => {
    await bench.plantRole({ role: 'decide', rules: [{ allow: ['approval:decide'], on: 'policy:escalate/**' }], bind: ['operator:bob'] });
    await put('other', [], []);
    await expect(put('decide', [], ['operator:bob'])).rejects.toMatchObject(conflict);
  });

  it.each<[string, Rule, string]>([
    ['nobody else may', { allow: ['approval:decide'], on: '**' }, 'operator:alice'],
    ['a workload may', { allow: ['approval:decide'], on: '**' }, APP],
    ['somebody may of something else', { allow: ['approval:decide'], on: 'secret:read/**' }, 'operator:bob'],
    ['somebody may of some roles', { allow: ['approval:decide'], on: 'policy:escalate/a*' }, 'operator:bob'],
    ['somebody may for some time', { allow: ['approval:decide'], on: '**', until: '2027-01-01T00:00:00Z' }, 'operator:bob'],
    ['somebody may who is not there', { allow: ['approval:decide'], on: '**' }, 'operator:ghost'],
    ['somebody may with an approval', { allow: ['approval:decide'], on: '**', when: { approved: true } }, 'operator:bob'],
  ])('is not where %s', async (_why, rule, bind) => {
    await bench.plantRole({ role: 'decide', rules: [rule], bind: [bind] });
    await expect(put('other', [], [])).rejects.toMatchObject(conflict);
  });
});

describe('the second person', () => {
  it('is not who has asked, in whatever session, nor a workload', async () => {
    const asked = await ask(alice);
    await expect(approve(alice, asked)).rejects.toMatchObject(denied);
    const second = bench.authenticator.session(bench.plantSession('alice'));
    await expect(approve(second, asked)).rejects.toMatchObject(denied);
    await expect(deny(alice, asked)).rejects.toMatchObject(denied);
    await expect(approve(app, asked)).rejects.toMatchObject(denied);
    expect(await approve(bob, asked)).toMatchObject({ state: 'approved', decision: { by: 'operator:bob' } });
  });

  it('is not who enrolled the workload that has asked', async () => {
    const token = {
      id: bench.authority.hashOf('enrolment', 'hfe_x'),
      spiffeId: APP,
      createdBy: 'bob',
      expiresAt: '2099-01-01T00:00:00.000Z',
    };
    bench.committer.plantAndTell(bench.authority.put('enrolment', token, undefined));
    const asked = await ask(app);
    await expect(approve(bob, asked)).rejects.toMatchObject(denied);
    expect(await approve(alice, asked)).toMatchObject({ state: 'approved', caller: APP });
    expect(await read(app)).toBe('value');
  });

  it('needs approval:decide on what was asked for, and can not tell what was not', async () => {
    const asked = await ask(alice);
    for (const caller of [operator('mallory'), ANONYMOUS]) {
      for (const id of [asked.id, 'ffffffffffffffff']) {
        await expect(approve(caller, { id })).rejects.toMatchObject(denied);
        await expect(deny(caller, { id })).rejects.toMatchObject(denied);
        await expect(get.perform(caller, id, REQUEST)).rejects.toMatchObject(denied);
        await expect(cancel.perform(caller, id, REQUEST)).rejects.toMatchObject(denied);
      }
    }
    await expect(cancel.perform(bob, asked.id, REQUEST)).rejects.toMatchObject(denied);
  });

  it('may take back what it has approved; what was denied stays so, and can be asked for anew', async () => {
    const asked = await approved(alice);
    await expect(approve(bob, asked)).rejects.toMatchObject({ code: 'conflict' });
    expect(await deny(bob, asked)).toMatchObject({ state: 'denied' });
    await expect(read(alice)).rejects.toMatchObject(needed);
    await expect(approve(bob, asked)).rejects.toMatchObject({ code: 'conflict' });
    expect((await ask(alice)).id).not.toBe(asked.id);
    expect(bench.authority.all('approval')).toHaveLength(1);
  });

  it('is one of 64 at once', async () => {
    const asked = await ask(alice);
    const settled = await Promise.allSettled(Array.from({ length: 64 }, () => approve(bob, asked)));
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('a request', () => {
  it('is for what a rule allows with an approval, whether it exists or not', async () => {
    for (const resource of ['elsewhere/db', 'payments'])
      await expect(ask(alice, { resource })).rejects.toMatchObject({ code: expect.stringMatching(/^(denied|invalid_question)$/) });
    await expect(ask(bob)).rejects.toMatchObject(denied);
    await expect(ask(alice, { action: 'secret:write' })).rejects.toMatchObject(denied);
    await expect(ask(alice, { resource: 'payments/**' })).rejects.toMatchObject({ code: 'invalid_question' });
    await expect(ask(ANONYMOUS)).rejects.toMatchObject(denied);
    await expect(ask(alice, { action: 'secret:fly' })).rejects.toMatchObject({ code: 'invalid_question' });
    expect(await ask(alice, { resource: 'payments/nothing/there' })).toMatchObject({ state: 'pending', caller: 'operator:alice' });
  });

  it('is seen by its requester and by who may list it, and by nobody else', async () => {
    const asked = await ask(alice);
    expect(await get.perform(alice, asked.id, REQUEST)).toEqual(asked);
    expect(await get.perform(bob, asked.id, REQUEST)).toEqual(asked);
    expect(await list.perform(bob, false, REQUEST)).toEqual([asked]);
    expect(await list.perform(alice, true, REQUEST)).toEqual([asked]);
    expect(await list.perform(bob, true, REQUEST)).toEqual([]);
    await expect(list.perform(operator('mallory'), false, REQUEST)).rejects.toMatchObject(denied);
    expect(bench.entries('approval:list')).toEqual([
      `own/secret:read/${ROOT} done`,
      `secret:read/${ROOT} done`,
      '** done',
      'own/** done',
      'own/** done',
      '** denied denied',
    ]);
  });

  it('is taken back by its requester, approved or not', async () => {
    const asked = await approved(alice);
    await cancel.perform(alice, asked.id, REQUEST);
    await expect(read(alice)).rejects.toMatchObject(needed);
    await expect(cancel.perform(alice, asked.id, REQUEST)).rejects.toMatchObject(denied);
  });

  it('ends by itself, waiting or approved', async () => {
    const asked = await ask(alice, { ttl: 60 });
    bench.clock.advance(60_000);
    await expect(approve(bob, asked)).rejects.toMatchObject(denied);
    const again = await ask(alice, { ttl: 60 });
    expect(bench.authority.all('approval').map(({ body }) => body.id)).toEqual([again.id]);
    bench.clock.advance(59_000);
    await approve(bob, again);
    bench.clock.advance(59_000);
    expect(await read(alice)).toBe('value');
  });

  it('is made once, and bounded in number for each caller', async () => {
    await ask(alice);
    await expect(ask(alice)).rejects.toMatchObject({ code: 'conflict' });
    const settled = await Promise.allSettled(Array.from({ length: 64 }, (_, at) => ask(alice, { resource: `payments/${at}` })));
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(15);
    await expect(ask(alice, { resource: 'payments/more' })).rejects.toMatchObject({ code: 'too_many_requests' });
    expect(await ask(app)).toMatchObject({ state: 'pending' });
  });

  it('is bounded for all workloads together, who take no room from operators', async () => {
    await bench.plantRole({ role: 'glass', rules: [BREAK_GLASS], bind: ['spiffe://acme.internal/**', 'operator:alice'] });
    await ask(app);
    const [{ body: template } = expect.fail('it was not asked for')] = bench.authority.all('approval');
    for (let at = 1; at < 1_000; at++) {
      const body = { ...template, id: `planted-${at}`, caller: { kind: 'workload' as const, id: `${APP}/${at}` } };
      bench.committer.plantAndTell(bench.authority.put('approval', body, undefined));
    }
    await expect(ask(workload(`${APP}/more`))).rejects.toMatchObject({ code: 'too_many_requests' });
    expect(await ask(alice)).toMatchObject({ state: 'pending' });
  });

  it('B13: ends with its requester: a revoked workload, an operator who was deleted and made anew', async () => {
    for (const caller of [alice, app]) await approved(caller);
    bench.clock.advance(1);
    const moment = bench.clock.now().toISOString();
    bench.committer.plantAndTell(bench.authority.put('revocation', { subject: APP, revokedAt: moment, revokedBy: 'a test' }, undefined));
    const held = bench.authority.find('operator', 'alice') ?? expect.fail('alice is not there');
    bench.committer.plantAndTell(bench.authority.put('operator', { ...held.body, createdAt: moment }, held));
    for (const caller of [alice, { ...app, validity: { from: Date.parse(moment) + 1, until: Infinity } }])
      await expect(read(caller)).rejects.toMatchObject(needed);
  });
});
