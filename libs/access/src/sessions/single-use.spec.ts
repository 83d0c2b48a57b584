import { beforeEach, describe, expect, it } from 'vitest';
import { Passwords } from '#identity';
import { AuthorityBench, PASSWORD, REQUEST } from '../../../../test/support/authority-bench.ts';
import { codeOf } from '../../../../test/support/authenticator.ts';
import { ConfirmTotp } from '../operators/confirm-totp.ts';
import { EnrolTotp } from '../operators/enrol-totp.ts';
import { SignInAttempts } from './sign-in-attempt.ts';
import { SignInPace } from './sign-in-pace.ts';
import { SignIn } from './sign-in.ts';

const USERS = 64;
const STEP_MS = 30_000;
/** RACE_ROUNDS=1000 for many. */
const ROUNDS = Number(process.env.RACE_ROUNDS ?? 20);
/** So little work for each that all sixty-four are at it at once. */
const PASSWORDS = new Passwords({ memoryCost: 64, timeCost: 1, parallelism: 1 }, USERS);

let bench: AuthorityBench;
let uri: string;
let recoveryCodes: readonly string[];
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  await bench.firstOperator();
  const alice = await bench.signIn();
  ({ uri } = await new EnrolTotp(bench.gate, bench.authority, bench.clock, bench.attempts).perform(alice, PASSWORD, REQUEST));
  const confirm = new ConfirmTotp(bench.gate, bench.authority, bench.clock);
  ({ recoveryCodes } = await confirm.perform(alice, codeOf(uri, bench.clock.now()), REQUEST));
});

/** Somebody whom no other try has slowed down: it is the code alone that is used up. */
function signIn(totp: string): Promise<string> {
  const attempts = new SignInAttempts(bench.authority, PASSWORDS, new SignInPace(bench.clock));
  const given = { name: 'alice', password: PASSWORD, totp };
  return new SignIn(bench.gate, bench.authority, bench.clock, attempts).perform(given, REQUEST).then(
    () => 'signed in',
    (error: { code: string }) => error.code,
  );
}

/** What the sixty-four heard, each answer once, the winner's first, and how many won. */
async function race(totp: string): Promise<readonly [number, ...string[]]> {
  const heard = await Promise.all(Array.from({ length: USERS }, () => signIn(totp)));
  const others = heard.filter((each) => each !== 'signed in');
  return [heard.length - others.length, ...new Set(others)];
}

describe(`of ${USERS} who sign in at once with the right password and one code, one is let in`, () => {
  it('by time, code after code', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      bench.clock.advance(STEP_MS);
      expect(await race(codeOf(uri, bench.clock.now()))).toEqual([1, 'invalid_credentials']);
    }
  });

  it('for recovery, each of them', async () => {
    expect(recoveryCodes.length).toBeGreaterThan(7);
    for (const code of recoveryCodes) expect(await race(code)).toEqual([1, 'invalid_credentials']);
  });
});
