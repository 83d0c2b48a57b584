import { beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '#identity';
import { AuthorityBench, PASSWORD, REQUEST } from '../../../../test/support/authority-bench.ts';
import { codeOf } from '../../../../test/support/authenticator.ts';
import { operator, workload } from '../../../../test/support/callers.ts';
import { ConfirmTotp } from './confirm-totp.ts';
import { EnrolTotp } from './enrol-totp.ts';
import { RemoveTotp } from './remove-totp.ts';
import { ResetTotp } from './reset-totp.ts';
import { SignInAttempts } from '../sessions/sign-in-attempt.ts';
import { SignInPace } from '../sessions/sign-in-pace.ts';
import { SignIn } from '../sessions/sign-in.ts';

const WRONG = 'another horse battery';
const STEP_MS = 30_000;

let bench: AuthorityBench;
let alice: Principal;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  await bench.firstOperator();
  alice = await bench.signIn();
});

const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
const enrol = (password = PASSWORD, caller = alice) =>
  new EnrolTotp(bench.gate, bench.authority, bench.clock, bench.attempts).perform(caller, password, REQUEST);
const confirm = (code: string, caller = alice) => new ConfirmTotp(bench.gate, bench.authority, bench.clock).perform(caller, code, REQUEST);
const remove = (totp: string, password = PASSWORD, caller = alice) =>
  new RemoveTotp(bench.gate, bench.authority, bench.clock, bench.attempts).perform(caller, { password, totp }, REQUEST);
const reset = (name: string, caller: Principal) => new ResetTotp(bench.gate, bench.authority).perform(caller, name, REQUEST);
const signIn = (totp?: string, { password = PASSWORD, peer = REQUEST.peer } = {}) =>
  new SignIn(bench.gate, bench.authority, bench.clock, bench.attempts).perform({ name: 'alice', password, totp }, { ...REQUEST, peer });
const now = (uri: string, steps = 0): string => codeOf(uri, new Date(bench.clock.now().getTime() + steps * STEP_MS));
const factorOf = (name: string) => bench.authority.find('second-factor', name)?.body;

/** Alice with a second factor in force, whose next code is not used yet. */
async function enrolled(): Promise<{ uri: string; codes: readonly string[] }> {
  const { uri } = await enrol();
  const { recoveryCodes } = await confirm(now(uri));
  bench.clock.advance(STEP_MS);
  return { uri, codes: recoveryCodes };
}

describe('a second factor', () => {
  it('is asked for once a first code has confirmed it, and counts in the session', async () => {
    const { uri, expiresAt } = await enrol();
    expect(uri).toMatch(/^otpauth:\/\/totp\/Holdfast%20acme\.internal:alice\?issuer=Holdfast%20acme\.internal&secret=[A-Z2-7]{32}&/);
    expect(expiresAt).toBe('2026-12-01T12:10:00.000Z');
    expect(await bench.signIn()).toMatchObject({ factors: 1 });
    expect(await outcome(confirm('000000'))).toBe('invalid_credentials');
    await confirm(now(uri));
    expect(await outcome(signIn())).toBe('second_factor_required');
    bench.clock.advance(STEP_MS);
    expect(await bench.signIn('alice', PASSWORD, now(uri))).toMatchObject({ factors: 2 });
    expect(bench.entries('identity:credentials')).toEqual([
      'operator:alice done',
      'operator:alice done',
      'operator:alice failed invalid_credentials',
      'operator:alice done',
    ]);
  });

  it('moves nobody else on: no sign-in makes anybody decide anew', async () => {
    const { uri } = await enrolled();
    const { revision } = bench.policy;
    await signIn(now(uri));
    expect(bench.policy.revision).toBe(revision);
  });

  it('ends the sessions that were opened without it, but for the one that confirmed it', async () => {
    const other = await bench.signIn();
    await enrolled();
    const lapse = (caller: Principal) => bench.policy.lapseOf(caller, bench.clock.now().getTime());
    expect(lapse(other)).toMatchObject({ code: 'session_refused' });
    expect(lapse(alice)).toBeUndefined();
  });

  it('B19: wants the password, and no session alone', async () => {
    expect(await outcome(enrol(WRONG))).toBe('invalid_credentials');
    expect(factorOf('alice')).toBeUndefined();
    const { uri } = await enrolled();
    expect(await outcome(remove(now(uri), WRONG))).toBe('invalid_credentials');
    expect(await outcome(remove('000000'))).toBe('invalid_credentials');
    expect(factorOf('alice')).toBeDefined();
    expect(await outcome(enrol())).toBe('conflict');
    expect(await outcome(remove(now(uri)))).toBe('done');
    expect(await outcome(signIn())).toBe('done');
  });

  it('waits ten minutes to be confirmed, and the last one begun is the one', async () => {
    const [first, second] = [await enrol(), await enrol()];
    expect(await outcome(confirm(now(first.uri)))).toBe('invalid_credentials');
    bench.clock.advance(10 * 60_000);
    expect(await outcome(confirm(now(second.uri)))).toBe('not_found');
    expect(await outcome(signIn())).toBe('done');
    expect(await outcome(confirm('123456'))).toBe('not_found');
  });

  it('is for nobody who is no operator with an account, whatever a role gives', async () => {
    const bind = ['spiffe://acme.internal/w', 'operator:ghost'];
    await bench.plantRole({ role: 'wide', rules: [{ allow: ['identity:*'], on: '**' }], bind });
    await bench.administrator();
    expect(await outcome(confirm('123456', workload('spiffe://acme.internal/w')))).toBe('denied');
    expect(await outcome(enrol(PASSWORD, workload('spiffe://acme.internal/w')))).toBe('denied');
    expect(await outcome(enrol(PASSWORD, operator('ghost')))).toBe('invalid_credentials');
  });

  it('is taken away by who may act as its operator, with all of its sessions', async () => {
    const { uri } = await enrolled();
    const admin = await bench.administrator();
    await bench.plantRole({ role: 'operate', rules: [{ allow: ['identity:operate'], on: '**' }], bind: ['operator:lesser'] });
    expect(await outcome(reset('alice', bench.authenticator.session(bench.plantSession('lesser'))))).toBe('denied');
    expect(await outcome(reset('nobody', admin))).toBe('not_found');
    expect(await outcome(reset('alice', admin))).toBe('done');
    expect(bench.policy.lapseOf(alice, bench.clock.now().getTime())).toMatchObject({ code: 'session_refused' });
    expect(await outcome(signIn(now(uri)))).toBe('done');
  });
});

describe('a code', () => {
  it('E8: is asked for after the password only, and after a restart too', async () => {
    const { uri } = await enrolled();
    const code = now(uri);
    for (const totp of [undefined, '', '000000', code])
      expect(await outcome(signIn(totp, { password: WRONG }))).toBe('invalid_credentials');
    expect(await outcome(signIn())).toBe('second_factor_required');
    const restarted = await bench.restarted();
    const attempts = new SignInAttempts(restarted.authority, bench.passwords, new SignInPace(bench.clock));
    const again = new SignIn(restarted.gate, restarted.authority, bench.clock, attempts);
    expect(await outcome(again.perform({ name: 'alice', password: PASSWORD }, REQUEST))).toBe('second_factor_required');
    expect(restarted.authority.all('session')).toHaveLength(1);
    expect(await outcome(again.perform({ name: 'alice', password: PASSWORD, totp: code }, REQUEST))).toBe('done');
  });

  it('V25: is good once, in its step or the next, and no earlier one after it', async () => {
    const { uri } = await enrolled();
    expect(await outcome(signIn(now(uri, 1)))).toBe('invalid_credentials');
    const code = now(uri);
    bench.clock.advance(STEP_MS);
    expect(await outcome(signIn(code))).toBe('done');
    expect(await outcome(signIn(code))).toBe('invalid_credentials');
    expect(await outcome(signIn(now(uri)))).toBe('done');
    expect(await outcome(signIn(code))).toBe('invalid_credentials');
    bench.clock.advance(2 * STEP_MS);
    expect(await outcome(signIn(now(uri, -2)))).toBe('invalid_credentials');
    expect(await outcome(signIn(now(uri, -1)))).toBe('done');
  });

  it('V25: that confirmed it signs nobody in', async () => {
    const { uri } = await enrol();
    const code = now(uri);
    await confirm(code);
    expect(await outcome(signIn(code))).toBe('invalid_credentials');
  });

  it('E5: is one code however it is written', async () => {
    const { uri } = await enrolled();
    const code = now(uri);
    const wide = Array.from(code, (digit) => String.fromCodePoint(0xff10 + Number(digit))).join('');
    const spellings = [` ${code}`, `${code.slice(0, 3)} ${code.slice(3)}`, wide, code, `${code} `, code];
    const outcomes: string[] = [];
    for (const spelling of spellings) {
      outcomes.push(await outcome(signIn(spelling)));
      bench.clock.advance(1_000);
    }
    expect(outcomes.filter((each) => each === 'done')).toHaveLength(1);
  });

  it('E4: is guessed at five times, however many come at once and from wherever, and then slowly', async () => {
    const { uri } = await enrolled();
    const guesses = Array.from({ length: 50 }, (_, at) => outcome(signIn('000000', { peer: `203.0.113.${at % 17}` })));
    const outcomes = await Promise.all(guesses);
    expect(outcomes.filter((each) => each === 'invalid_credentials')).toHaveLength(5);
    expect(outcomes.filter((each) => each === 'too_many_requests')).toHaveLength(45);
    expect(await outcome(signIn(now(uri), { peer: '203.0.113.99' }))).toBe('too_many_requests');
    // Whoever got in from its own address before is not kept out by others who have its password.
    expect(await outcome(signIn(now(uri)))).toBe('done');
  });

  it('E4: twice at once lets one in', async () => {
    const { uri } = await enrolled();
    const outcomes = await Promise.all([signIn(now(uri)), signIn(now(uri)), signIn(now(uri))].map(outcome));
    expect(outcomes.toSorted()).toEqual(['done', 'invalid_credentials', 'invalid_credentials']);
  });
});

describe('a recovery code', () => {
  it('P10: is good once in place of a code, is kept as a keyed hash, and leaves the others good', async () => {
    const { codes } = await enrolled();
    const [first = '', second = ''] = codes;
    expect(JSON.stringify(factorOf('alice'))).not.toContain(first.slice(0, 9));
    expect(factorOf('alice')?.recovery).toEqual(Array.from({ length: 8 }, () => expect.stringMatching(/^[0-9a-f]{64}$/)));
    const outcomes = await Promise.all([signIn(first), signIn(first.toUpperCase()), signIn(first.replaceAll('-', ''))].map(outcome));
    expect(outcomes.toSorted()).toEqual(['done', 'invalid_credentials', 'invalid_credentials']);
    expect(await bench.signIn('alice', PASSWORD, second)).toMatchObject({ factors: 2 });
    expect(factorOf('alice')?.recovery).toHaveLength(6);
  });

  it('takes the second factor away, for who has lost the device', async () => {
    const { codes } = await enrolled();
    expect(await outcome(remove(codes[3] ?? ''))).toBe('done');
    expect(await outcome(signIn())).toBe('done');
  });
});
