import { beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '#identity';
import { AuthorityBench, PASSWORD, REQUEST } from '../../../../test/support/authority-bench.ts';
import { workload } from '../../../../test/support/callers.ts';
import { ChangePassword } from '../operators/change-password.ts';
import { EndSessions } from './end-sessions.ts';
import { ListSessions } from './list-sessions.ts';
import { SignIn } from './sign-in.ts';

const OTHER = 'another horse battery';

let bench: AuthorityBench;
let alice: Principal;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  await bench.firstOperator();
  await bench.plantOperator('bob');
  alice = await bench.signIn();
});

const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
const list = (name: string, caller = alice) => new ListSessions(bench.gate, bench.authority, bench.clock).perform(caller, name, REQUEST);
const end = (name: string, id?: string, caller = alice) =>
  new EndSessions(bench.gate, bench.authority).perform(caller, { name, id }, REQUEST);
const change = (current: string, password: string, caller = alice) =>
  new ChangePassword(bench.gate, bench.authority, bench.attempts, bench.passwords).perform(caller, { current, password }, REQUEST);
const lapse = (caller: Principal) => bench.policy.lapseOf(caller, bench.clock.now().getTime());
const bob = (): Principal => bench.authenticator.session(bench.plantSession('bob'));

describe('the sessions of an operator', () => {
  it('are listed while they last, with where they came from, and say which one asks', async () => {
    bench.clock.advance(60_000);
    const other = await bench.signIn();
    const found = await list('alice');
    expect(found.map(({ id, current }) => [id, current])).toEqual([
      [alice.credential, true],
      [other.credential, false],
    ]);
    expect(found[0]).toEqual({
      id: alice.credential,
      method: 'session',
      factors: 1,
      peer: REQUEST.peer,
      issuedAt: '2026-12-01T12:00:00.000Z',
      lastUsedAt: '2026-12-01T12:00:00.000Z',
      expiresAt: '2026-12-02T00:00:00.000Z',
      current: true,
    });
    bench.clock.advance(14.5 * 60_000);
    expect((await list('alice', other)).map(({ id }) => id)).toEqual([other.credential]);
  });

  it('are for their operator to look at and to end, and for nobody else', async () => {
    const other = bob();
    expect((await list('bob', other)).map(({ id }) => id)).toEqual([other.credential]);
    expect(await outcome(list('alice', other))).toBe('denied');
    expect(await outcome(end('alice', undefined, other))).toBe('denied');
    expect(await outcome(end('nobody', undefined, other))).toBe('denied');
    expect(await outcome(end('bob', undefined, other))).toBe('done');
    expect(lapse(other)).toMatchObject({ code: 'session_refused' });
    expect(lapse(alice)).toBeUndefined();
  });

  it('F4: are ended by way of their own operator only', async () => {
    const other = bob();
    expect(await outcome(end('alice', other.credential))).toBe('not_found');
    expect(lapse(other)).toBeUndefined();
    expect(await outcome(end('bob', other.credential))).toBe('done');
    expect(await outcome(end('bob', other.credential))).toBe('not_found');
  });

  it('are at most a thousand: one more ends the one that was used longest ago', async () => {
    for (let at = 0; at < 999; at += 1) bench.plantSession('alice');
    bench.clock.advance(1_000);
    bench.authority.sessionUse.used(sessionOf(alice), bench.clock.now().getTime());
    const newest = await bench.signIn();
    const sessions = bench.authority.all('session').filter(({ body }) => body.operator === 'alice');
    expect(sessions).toHaveLength(1_000);
    expect([alice, newest].map(lapse)).toEqual([undefined, undefined]);
  });

  it('F11: that nobody uses are cleared away by the next', async () => {
    for (let at = 0; at < 20; at += 1) bench.plantSession('bob');
    bench.clock.advance(15 * 60_000);
    await bench.signIn();
    expect(bench.authority.all('session')).toHaveLength(1);
  });
});

describe('an own password', () => {
  it('E13: V18: is changed for the current one only, and ends every other session', async () => {
    const other = await bench.signIn();
    expect(await outcome(change(OTHER, OTHER))).toBe('invalid_credentials');
    expect(lapse(other)).toBeUndefined();
    expect(await outcome(change(PASSWORD, 'too short'))).toBe('password_too_short');
    expect(await outcome(change(PASSWORD, 'alice-alice-alice'))).toBe('password_common');
    expect(await outcome(change(PASSWORD, OTHER))).toBe('done');
    expect(lapse(other)).toMatchObject({ code: 'session_refused' });
    expect(lapse(alice)).toBeUndefined();
    expect(await outcome(bench.signIn('alice', PASSWORD))).toBe('invalid_credentials');
    expect(await outcome(bench.signIn('alice', OTHER))).toBe('done');
  });

  it('is guessed at as slowly with a stolen session as without', async () => {
    for (let at = 0; at < 10; at += 1) expect(await outcome(change(OTHER, OTHER))).toBe('invalid_credentials');
    expect(await outcome(change(PASSWORD, OTHER))).toBe('too_many_requests');
  });

  it('is for nobody who has none', async () => {
    await bench.plantRole({ role: 'wide', rules: [{ allow: ['identity:*'], on: '**' }], bind: ['spiffe://acme.internal/w'] });
    await bench.administrator();
    const held = bench.authority.find('operator', 'bob');
    if (held) bench.committer.plantAndTell(bench.authority.put('operator', { ...held.body, password: undefined }, held));
    expect(await outcome(change('', OTHER, bob()))).toBe('invalid_credentials');
    expect(await outcome(change(PASSWORD, OTHER, workload('spiffe://acme.internal/w')))).toBe('denied');
  });
});

describe('a thousand wrong sign-ins', () => {
  it('E1: B4: B5: over all spellings of a name let few be tried, and not the right one after them', async () => {
    const signIn = new SignIn(bench.gate, bench.authority, bench.clock, bench.attempts);
    const spellings = ['alice', 'Alice', 'ALICE', ' alice', 'alice ', 'al\u0131ce', '\u0430lice', 'ａlice', 'alice\u200b', 'a\u0301lice'];
    const outcomes: string[] = [];
    for (let at = 0; at < 1_000; at += 1)
      outcomes.push(await outcome(signIn.perform({ name: spellings[at % 10] ?? '', password: OTHER }, REQUEST)));
    // Ten of the name, and ten of all that is none.
    expect(outcomes.filter((code) => code === 'invalid_credentials').length).toBeLessThanOrEqual(20);
    expect(await outcome(bench.signIn())).toBe('too_many_requests');
  });
});

function sessionOf({ credential }: Principal) {
  const held = bench.authority.find('session', credential);
  if (held === undefined) throw new Error('no such session');
  return held.body;
}
