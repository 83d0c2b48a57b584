import { describe, expect, it } from 'vitest';
import { SignIn, SignInAttempts, SignInPace } from '#access';
import { Passwords } from '#identity';
import { AuthorityBench, PASSWORD, REQUEST } from '../support/authority-bench.ts';
import { mannWhitney } from '../support/mann-whitney.ts';

const TRIES = 1_000;
/**
 * A fiftieth of what a server takes, so that a thousand tries are over in a second and the noise of the hash hides less: a few microseconds
 * show. What the hash itself costs is in its own text, and the same for either name.
 */
const COST = { memoryCost: 1_024, timeCost: 1, parallelism: 1 };
const TRIES_FOR_A_FAULT = 200;
/** Longer than any wait that a failure brings. */
const NO_WAIT_MS = 16 * 60_000;

/** What each of two thousand failures took, in turns, each of them first every other time, in milliseconds. */
async function timed(passwords: Passwords, tries = TRIES): Promise<{ readonly existing: number[]; readonly missing: number[] }> {
  const bench = await AuthorityBench.initialized();
  await bench.firstOperator('alice');
  for (let at = 0; at < 20; at += 1) await bench.plantOperator(`other-${at}`);
  const held = bench.authority.find('operator', 'alice');
  if (held) bench.committer.plantAndTell(bench.authority.put('operator', { ...held.body, password: await passwords.hash(PASSWORD) }, held));
  const attempts = new SignInAttempts(bench.authority, passwords, new SignInPace(bench.clock));
  const signIn = new SignIn(bench.gate, bench.authority, bench.clock, attempts);
  const took = { existing: [] as number[], missing: [] as number[] };
  const fail = async (name: string, into: number[] | undefined): Promise<void> => {
    bench.clock.advance(NO_WAIT_MS);
    const started = performance.now();
    const code = await signIn.perform({ name, password: 'another horse battery' }, REQUEST).catch((error: { code: string }) => error.code);
    into?.push(performance.now() - started);
    if (code !== 'invalid_credentials') throw new Error('the sign-in has ended otherwise');
  };
  for (let at = 0; at < 100; at += 1) await fail(at % 2 === 0 ? 'alice' : 'mince', undefined);
  for (let at = 0; at < tries; at += 1) {
    const pair = [() => fail('alice', took.existing), () => fail('mince', took.missing)];
    for (const each of at % 2 === 0 ? pair : pair.toReversed()) await each();
  }
  return took;
}

/** Says at once that there is no such name. */
class HastyPasswords extends Passwords {
  override verify(encoded: string | undefined, password: string): Promise<boolean> {
    return encoded === undefined ? Promise.resolve(false) : super.verify(encoded, password);
  }
}

/** Takes a twentieth of a millisecond longer where there is such a name. */
class BarelySlowerPasswords extends Passwords {
  override async verify(encoded: string | undefined, password: string, like?: string): Promise<boolean> {
    const verdict = await super.verify(encoded, password, like);
    const end = performance.now() + (encoded === undefined ? 0 : 0.05);
    while (performance.now() < end);
    return verdict;
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

describe('the time of a sign-in that fails', () => {
  it.each([
    ['no hash', HastyPasswords],
    ['a twentieth of a millisecond', BarelySlowerPasswords],
  ])('E2: tells a planted fault of %s', async (_what, Faulty) => {
    const { existing, missing } = await timed(new Faulty(COST), TRIES_FOR_A_FAULT);
    expect(mannWhitney(existing, missing)).toBeLessThan(0.001);
  });

  it('E2: V22: does not tell whether the name exists', async () => {
    // One sample in a hundred of equal things differs by as much; a difference that is one is there each time.
    const trials: { p: number; apart: number }[] = [];
    do {
      const { existing, missing } = await timed(new Passwords(COST));
      trials.push({ p: mannWhitney(existing, missing), apart: Math.abs(median(existing) - median(missing)) });
    } while ((trials.at(-1)?.p ?? 1) <= 0.01 && trials.length < 3);
    expect(trials.at(-1)?.p).toBeGreaterThan(0.01);
    expect(trials.at(-1)?.apart).toBeLessThan(1);
  });
});

describe('the test by ranks', () => {
  it('finds equal what is equal, and different what is not', () => {
    const some = Array.from({ length: 200 }, (_, at) => (at * 7919) % 1000);
    expect(mannWhitney(some, some)).toBeCloseTo(1, 5);
    expect(mannWhitney([1, 1, 1], [1, 1, 1])).toBe(1);
    expect(
      mannWhitney(
        some,
        some.map((value) => value + 200),
      ),
    ).toBeLessThan(1e-6);
    expect(mannWhitney([1, 2, 3, 4, 5], [4, 5, 6, 7, 8])).toBeLessThan(0.05);
  });
});
