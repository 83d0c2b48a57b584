import { beforeEach, describe, expect, it } from 'vitest';
import type { Role } from '#authz';
import type { Principal } from '#identity';
import { AuthorityBench, PASSWORD, REQUEST } from '../../../../test/support/authority-bench.ts';
import { operator } from '../../../../test/support/callers.ts';
import { ChangeOperator } from './change-operator.ts';
import { DeleteOperator } from './delete-operator.ts';
import { GetOperator } from './get-operator.ts';
import { InviteOperator } from './invite-operator.ts';
import { ListOperators } from './list-operators.ts';
import { ResetPassword } from './reset-password.ts';
import { SetPassword } from './set-password.ts';

const OTHER = 'another horse battery';
const OPERATE: Role = { role: 'operate', rules: [{ allow: ['identity:*'], on: '**' }], bind: ['operator:admin'] };
const READER: Role = { role: 'reader', rules: [{ allow: ['secret:read'], on: 'app/**' }], bind: ['operator:rita', 'group:readers'] };
const BARRED: Role = { role: 'barred', rules: [{ deny: ['secret:read'], on: 'app/prod/**' }], bind: ['group:barred'] };

let bench: AuthorityBench;
let admin: Principal;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  admin = await bench.administrator();
  await bench.firstOperator();
});

const invite = (name: string, groups?: string[], caller = admin) =>
  new InviteOperator(bench.gate, bench.authority, bench.clock).perform(caller, { name, groups }, REQUEST);
const change = (name: string, more: { disabled?: boolean; groups?: string[] }, caller = admin) =>
  new ChangeOperator(bench.gate, bench.authority).perform(caller, { name, ...more }, REQUEST);
const remove = (name: string, caller = admin) => new DeleteOperator(bench.gate, bench.authority).perform(caller, name, REQUEST);
const reset = (name: string, caller = admin) => new ResetPassword(bench.gate, bench.authority, bench.clock).perform(caller, name, REQUEST);
const get = (name: string, caller = admin) => new GetOperator(bench.gate, bench.authority).perform(caller, name, REQUEST);
const take = async (token: string, name: string, password = PASSWORD) =>
  new SetPassword(bench.gate, bench.authority, bench.clock, bench.passwords).perform(
    bench.authenticator.token(token),
    name,
    password,
    REQUEST,
  );
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );

/** What the gate finds of a caller whose request is under way. */
const lapse = (caller: Principal): string | undefined =>
  (bench.policy.lapseOf(caller, bench.clock.now().getTime()) as { code?: string } | undefined)?.code;

async function member(name: string, groups?: string[]): Promise<Principal> {
  await take((await invite(name, groups)).token, name);
  return bench.signIn(name);
}

/** An administrator of operators alone, who may give away nothing. */
async function lesser(): Promise<Principal> {
  await bench.plantRole({ ...OPERATE, bind: ['operator:lesser'] });
  return bench.authenticator.session(bench.plantSession('lesser'));
}

describe('an invitation', () => {
  it('makes an operator who sets a password that nobody else knows, and has no role by it', async () => {
    const { token, expiresAt } = await invite('bob', ['readers', 'auditors', 'readers']);
    expect(token).toMatch(/^hfo_[A-Za-z0-9_-]{43}$/);
    expect(expiresAt).toBe('2026-12-02T12:00:00.000Z');
    expect(await get('bob')).toEqual({
      name: 'bob',
      state: 'invited',
      groups: ['auditors', 'readers'],
      secondFactor: false,
      createdAt: expect.any(String),
    });
    expect(await codeOf(bench.signIn('bob', ''))).toBe('invalid_credentials');
    await take(token, 'bob');
    expect(await get('bob')).toMatchObject({ state: 'active', groups: ['auditors', 'readers'] });
    expect(await bench.signIn('bob')).toMatchObject({ kind: 'operator', id: 'bob', method: 'session', factors: 1 });
    expect(bench.authority.rolesOf({ kind: 'operator', id: 'bob' })).toEqual([]);
    expect(bench.entries('identity:credentials').at(-1)).toBe('operator:bob done');
  });

  it('V23: is good once, for its own name, for a day', async () => {
    const { token } = await invite('bob');
    expect(await codeOf(take(token, 'carol'))).toBe('denied');
    await take(token, 'bob');
    expect(await codeOf(take(token, 'bob', OTHER))).toBe('token_refused');
    const late = await invite('carol');
    bench.clock.advance(24 * 3_600_000);
    expect(await codeOf(take(late.token, 'carol'))).toBe('token_refused');
  });

  it('gives its holder nothing else, whatever is bound to the name', async () => {
    await bench.plantRole({ ...OPERATE, bind: ['operator:bob'] });
    const { token } = await invite('bob');
    const holder = bench.authenticator.token(token);
    expect(holder).toMatchObject({ id: 'bob', method: 'token' });
    for (const work of [
      invite('eve', [], holder),
      change('alice', { disabled: true }, holder),
      remove('alice', holder),
      reset('alice', holder),
    ])
      expect(await codeOf(work)).toBe('denied');
    expect(await codeOf(get('bob', holder))).toBe('denied');
  });

  it('is not for a name that is taken, or that is none', async () => {
    expect(await codeOf(invite('alice'))).toBe('conflict');
    expect(await codeOf(invite('Bob'))).toBe('invalid_name');
    expect(await codeOf(invite('bob', ['Readers']))).toBe('invalid_name');
    expect(bench.entries('identity:operate')).toEqual([
      'operator:alice failed conflict',
      'operator:? failed invalid_name',
      'operator:bob failed invalid_name',
    ]);
  });

  it('V24: of a name or into a group that has more than the inviter wants policy:escalate', async () => {
    const caller = await lesser();
    for (const role of [READER, BARRED]) await bench.plantRole(role);
    expect(await codeOf(invite('rita', [], caller))).toBe('denied');
    expect(await codeOf(invite('bob', ['readers'], caller))).toBe('denied');
    expect(await codeOf(invite('bob', ['nothing'], caller))).toBe('done');
    expect(await codeOf(invite('rita', ['readers']))).toBe('done');
  });
});

describe('an operator', () => {
  it('B7: that is disabled is out at once, has no role, and comes back only by what it had', async () => {
    await bench.plantRole(READER);
    const rita = await member('rita');
    const later = await invite('bob');
    await change('rita', { disabled: true });
    await change('bob', { disabled: true });
    expect(lapse(rita)).toBe('session_refused');
    expect(bench.authority.rolesOf(rita)).toEqual([]);
    expect(await codeOf(bench.signIn('rita'))).toBe('invalid_credentials');
    expect(await codeOf(take(later.token, 'bob'))).toBe('token_refused');
    expect(await codeOf(reset('rita'))).toBe('conflict');
    expect(await codeOf(change('rita', { disabled: false }, await lesser()))).toBe('denied');
    expect(await change('rita', { disabled: false })).toMatchObject({ state: 'active' });
    expect(await bench.signIn('rita')).toMatchObject({ id: 'rita' });
  });

  it('is in other groups for its next request, and F8: keeps what a change does not name', async () => {
    for (const role of [READER, BARRED]) await bench.plantRole(role);
    const bob = await member('bob', ['readers', 'barred']);
    const before = bench.authority.operatorStandings;
    const names = () =>
      bench.authority
        .rolesOf(bob)
        .map(({ role }) => role)
        .toSorted();
    expect(names()).toEqual(['barred', 'reader']);
    expect(await change('bob', { groups: ['readers'] })).toMatchObject({ state: 'active', groups: ['readers'] });
    expect(names()).toEqual(['reader']);
    await change('bob', { disabled: false });
    expect(names()).toEqual(['reader']);
    expect(bench.authority.operatorStandings).toBe(before + 1);
  });

  it('is put into a group, or taken out of one that is denied something, by who may give that away', async () => {
    for (const role of [READER, BARRED]) await bench.plantRole(role);
    await member('bob', ['barred']);
    const caller = await lesser();
    expect(await codeOf(change('bob', { groups: ['barred', 'readers'] }, caller))).toBe('denied');
    expect(await codeOf(change('bob', { groups: [] }, caller))).toBe('denied');
    expect(await codeOf(change('bob', { groups: ['barred', 'new'] }, caller))).toBe('done');
    expect(await codeOf(change('bob', { groups: ['readers'] }))).toBe('done');
  });

  it('that is deleted is gone with all that it came in with, and leaves nothing to the next of its name', async () => {
    const bob = await member('bob', ['readers']);
    await remove('bob');
    expect(lapse(bob)).toBe('session_refused');
    expect(await codeOf(bench.signIn('bob'))).toBe('invalid_credentials');
    expect(await codeOf(get('bob'))).toBe('not_found');
    await invite('bob');
    expect(await get('bob')).toMatchObject({ state: 'invited', groups: [] });
    expect(await codeOf(bench.signIn('bob'))).toBe('invalid_credentials');
  });

  it('B20: that is not there is changed by nobody, and nobody else is', async () => {
    for (const work of [change('nobody', { disabled: true }), remove('nobody'), reset('nobody'), get('nobody')])
      expect(await codeOf(work)).toBe('not_found');
    expect(await get('alice')).toMatchObject({ state: 'active' });
  });

  it('whose password was reset is out, and comes back with a password of its own choice', async () => {
    const bob = await member('bob');
    const { token } = await reset('bob');
    expect(lapse(bob)).toBe('session_refused');
    expect(await codeOf(bench.signIn('bob'))).toBe('invalid_credentials');
    const again = await reset('bob');
    expect(await codeOf(take(token, 'bob', OTHER))).toBe('token_refused');
    await take(again.token, 'bob', OTHER);
    expect(await bench.signIn('bob', OTHER)).toMatchObject({ id: 'bob' });
  });

  it('is reset by nobody who would gain by being it', async () => {
    await bench.plantRole(READER);
    await member('rita');
    expect(await codeOf(reset('rita', await lesser()))).toBe('denied');
    expect(await codeOf(reset('alice', await lesser()))).toBe('denied');
    expect(await codeOf(reset('rita'))).toBe('done');
  });

  it('looks at itself without a role, and at nobody else', async () => {
    const bob = await member('bob');
    expect(await get('bob', bob)).toMatchObject({ name: 'bob' });
    expect(await codeOf(get('alice', bob))).toBe('denied');
    expect(await codeOf(get('nobody', bob))).toBe('denied');
  });

  it('is listed to those who may see it, by name and without what it proves itself with', async () => {
    await member('zoe');
    await member('bob');
    const list = (caller: Principal) => new ListOperators(bench.gate, bench.authority).perform(caller, REQUEST);
    expect((await list(admin)).map(({ name }) => name)).toEqual(['alice', 'bob', 'zoe']);
    expect(JSON.stringify(await list(admin))).not.toContain('argon2');
    await bench.plantRole({ role: 'some', rules: [{ allow: ['identity:describe'], on: 'operator:b*' }], bind: ['operator:somebody'] });
    expect((await list(operator('somebody'))).map(({ name }) => name)).toEqual(['bob']);
    await bench.plantRole({ role: 'some', rules: [], bind: ['operator:somebody'] });
    expect(await codeOf(list(operator('somebody')))).toBe('denied');
  });
});

describe('the last who administers', () => {
  const everyWay: [string, () => Promise<unknown>][] = [
    ['disabled', () => change('alice', { disabled: true })],
    ['deleted', () => remove('alice')],
    ['left without a password', () => reset('alice')],
  ];

  it.each(everyWay)('is not %s, by anybody', async (_what, end) => {
    expect(await codeOf(end())).toBe('conflict');
    expect(await bench.signIn('alice')).toMatchObject({ id: 'alice' });
  });

  it.each(everyWay)('may be %s where another one administers', async (_what, end) => {
    const role = bench.authority.find('role', 'administrator')?.body;
    if (role) await bench.plantRole({ ...role, bind: [...role.bind, 'operator:bob'] });
    await invite('bob');
    expect(await codeOf(end())).toBe('conflict');
    const held = bench.authority.find('operator', 'bob');
    if (held) bench.committer.plantAndTell(bench.authority.put('operator', { ...held.body, password: '' }, held));
    expect(await codeOf(end())).toBe('done');
  });

  it('is still there when two who administer disable each other at once', async () => {
    const role = bench.authority.find('role', 'administrator')?.body;
    const bob = await member('bob');
    if (role) await bench.plantRole({ ...role, bind: ['operator:alice', 'operator:bob'] });
    const alice = await bench.signIn('alice');
    const codes = await Promise.all([codeOf(change('bob', { disabled: true }, alice)), codeOf(change('alice', { disabled: true }, bob))]);
    expect(codes.toSorted()).toEqual(['done', 'session_refused']);
  });
});
