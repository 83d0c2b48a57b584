import { beforeEach, describe, expect, it } from 'vitest';
import { Passwords } from '#identity';
import { AuthorityBench, PASSWORD, REQUEST } from '../../../../test/support/authority-bench.ts';
import { SignInAttempts } from './sign-in-attempt.ts';
import { SignInPace } from './sign-in-pace.ts';
import { SignIn } from './sign-in.ts';

const WRONG = 'another horse battery';

let bench: AuthorityBench;
let signIn: SignIn;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  await bench.firstOperator();
  signIn = new SignIn(bench.gate, bench.authority, bench.clock, bench.attempts);
});

const codeOf = (name: string, password: string, peer = REQUEST.peer): Promise<string> =>
  signIn.perform({ name, password }, { ...REQUEST, peer }).then(
    () => 'in',
    (error: { code: string }) => error.code,
  );

const hashOf = (name: string): string | undefined => bench.authority.find('operator', name)?.body.password;

/** Signs in from now on with these hashes, and has alice's password hashed by them. */
async function hashedBy(passwords: Passwords, anew = true): Promise<void> {
  const held = bench.authority.find('operator', 'alice');
  if (anew && held) {
    const password = await passwords.hash(PASSWORD);
    bench.committer.plantAndTell(bench.authority.put('operator', { ...held.body, password }, held));
  }
  const attempts = new SignInAttempts(bench.authority, passwords, new SignInPace(bench.clock));
  signIn = new SignIn(bench.gate, bench.authority, bench.clock, attempts);
}

async function fail(times: number, name = 'alice', peer?: string): Promise<void> {
  for (let i = 0; i < times; i += 1) await codeOf(name, WRONG, peer);
}

describe('signing in', () => {
  it('opens a session that ends when it says', async () => {
    const { token, ...times } = await signIn.perform({ name: 'alice', password: PASSWORD }, REQUEST);
    expect(token).toMatch(/^hfs_[A-Za-z0-9_-]{43}$/);
    expect(times).toEqual({ idleExpiresAt: '2026-12-01T12:15:00.000Z', expiresAt: '2026-12-02T00:00:00.000Z' });
    expect(bench.entries('identity:sign-in').at(-1)).toBe('operator:alice done');
  });

  it('opens another session each time', async () => {
    const [one, two] = [
      await signIn.perform({ name: 'alice', password: PASSWORD }, REQUEST),
      await signIn.perform({ name: 'alice', password: PASSWORD }, REQUEST),
    ];
    expect(one.token).not.toBe(two.token);
  });

  it.each([
    ['alice', WRONG],
    ['alice', ''],
    ['alice', `${PASSWORD} `],
    ['alice', 'x'.repeat(5000)],
    ['alice', `${PASSWORD}\0`],
    ['bob', PASSWORD],
    ['Alice', PASSWORD],
    [' alice', PASSWORD],
    ['alice ', PASSWORD],
    ['al\u0131ce', PASSWORD],
    ['alice\u200b', PASSWORD],
    ['', PASSWORD],
    ['__proto__', PASSWORD],
  ])('is refused in one way whatever is wrong (%j)', async (name, password) => {
    expect(await codeOf(name, password)).toBe('invalid_credentials');
    expect(bench.authority.all('session')).toEqual([]);
  });

  it('takes the same work whether the name exists or not', async () => {
    await hashedBy(new Passwords());
    const timed = async (name: string): Promise<number> => {
      const started = process.cpuUsage();
      for (let i = 0; i < 4; i += 1) await codeOf(name, WRONG);
      return process.cpuUsage(started).user;
    };
    const ratio = (await timed('bob')) / (await timed('alice'));
    expect(ratio).toBeGreaterThan(0.3);
    expect(ratio).toBeLessThan(3);
  });

  it('P7: hashes a password anew that was hashed at another cost, and makes nobody decide anew by it', async () => {
    const [before, standing] = [hashOf('alice'), bench.authority.operatorStandings];
    expect(await codeOf('alice', PASSWORD)).toBe('in');
    expect(hashOf('alice')).toBe(before);
    await hashedBy(new Passwords({ memoryCost: 128, timeCost: 1, parallelism: 1 }), false);
    expect(await codeOf('alice', WRONG)).toBe('invalid_credentials');
    expect(hashOf('alice')).toBe(before);
    expect(await codeOf('alice', PASSWORD)).toBe('in');
    expect(hashOf('alice')).toContain('$m=128,');
    expect(await codeOf('alice', PASSWORD)).toBe('in');
    expect(bench.authority.operatorStandings).toBe(standing);
  });

  it('lets nobody in who was disabled, has no password, or gets another one while the first is being checked', async () => {
    const change = (more: object): void => {
      const held = bench.authority.find('operator', 'alice');
      if (held) bench.committer.plantAndTell(bench.authority.put('operator', { ...held.body, ...more }, held));
    };
    change({ disabled: true });
    expect(await codeOf('alice', PASSWORD)).toBe('invalid_credentials');
    change({ disabled: false });
    const other = await bench.passwords.hash(WRONG);
    const overtaken = codeOf('alice', PASSWORD);
    change({ password: other });
    expect(await overtaken).toBe('invalid_credentials');
    change({ password: undefined });
    expect(await codeOf('alice', WRONG)).toBe('invalid_credentials');
  });

  it('writes nothing into the log that is no name: it might be a password', async () => {
    await codeOf(PASSWORD, 'alice');
    expect(bench.entries('identity:sign-in').at(-1)).toBe('operator:? failed invalid_credentials');
    expect(JSON.stringify(bench.committer.entries)).not.toContain(PASSWORD);
  });

  it('makes guessers wait after ten failures, longer each time, whatever they then give', async () => {
    await fail(10);
    expect(await codeOf('alice', PASSWORD)).toBe('too_many_requests');
    bench.clock.advance(1_000);
    expect(await codeOf('alice', WRONG)).toBe('invalid_credentials');
    bench.clock.advance(1_000);
    expect(await codeOf('alice', PASSWORD)).toBe('too_many_requests');
    bench.clock.advance(1_000);
    expect(await codeOf('alice', PASSWORD)).toBe('in');
    await fail(9);
    expect(await codeOf('alice', PASSWORD)).toBe('in');
  });

  it('lets an operator in from elsewhere while somebody guesses', async () => {
    await fail(12);
    expect(await codeOf('alice', PASSWORD, '198.51.100.7')).toBe('in');
  });

  it('does not evaluate more guesses because they come at once', async () => {
    const codes = await Promise.all(Array.from({ length: 50 }, () => codeOf('alice', WRONG)));
    expect(codes.filter((code) => code === 'invalid_credentials')).toHaveLength(10);
    expect(codes.filter((code) => code === 'too_many_requests')).toHaveLength(40);
  });

  it('makes an address wait that tries many names, for a minute at most', async () => {
    for (let i = 0; i < 15; i += 1) expect(await codeOf(`name${i}`, WRONG)).toBe('invalid_credentials');
    for (const wait of [1, 2, 4, 8, 16, 32, 60, 60]) {
      expect(await codeOf('alice', PASSWORD.slice(1))).toBe('too_many_requests');
      bench.clock.advance(wait * 1_000);
      expect(await codeOf(`other${wait}`, WRONG)).toBe('invalid_credentials');
    }
    expect(await codeOf('alice', PASSWORD, '198.51.100.7')).toBe('in');
  });

  it('lets nobody be locked out by those who guess at a name from many addresses', async () => {
    expect(await codeOf('alice', PASSWORD, '198.51.100.7')).toBe('in');
    for (let host = 1; host <= 12; host += 1) await fail(10, 'alice', `203.0.113.${host}`);
    const from = (peer: string, password = PASSWORD): Promise<string> => codeOf('alice', password, peer);
    expect(await from('203.0.113.13', WRONG)).toBe('invalid_credentials');
    expect(await from('203.0.113.13')).toBe('too_many_requests');
    expect(await from('198.51.100.7', WRONG)).toBe('invalid_credentials');
    bench.clock.advance(60_000);
    await from('203.0.113.14', WRONG);
    expect(await from('203.0.113.13')).toBe('in');
  });

  it('lets an operator in from an address that is new, while others guess', async () => {
    for (let host = 1; host <= 12; host += 1) await fail(10, 'alice', `203.0.113.${host}`);
    expect(await codeOf('alice', PASSWORD, '198.51.100.8')).toBe('in');
  });

  it('hashes nothing once sixteen wait, wherever they come from, and says so in the log', async () => {
    const codes = await Promise.all(Array.from({ length: 60 }, (_, at) => codeOf(`name${at}`, WRONG, `203.0.113.${at}`)));
    expect(codes.filter((code) => code === 'invalid_credentials').length).toBeLessThanOrEqual(18);
    expect(codes.filter((code) => code === 'too_many_requests').length).toBeGreaterThanOrEqual(42);
    expect(bench.entries('identity:sign-in').at(-1)).toMatch(/ failed (too_many_requests|invalid_credentials)$/);
    expect(await codeOf('alice', PASSWORD)).toBe('in');
  });

  it('counts the spellings that are no name as one', async () => {
    for (const name of ['Alice', 'ALICE', ' alice', 'alice ', 'aLice', 'alicE', 'Al ice', 'ALice', 'ali\tce', '\u0430lice'])
      await codeOf(name, WRONG);
    expect(await codeOf('ALIce', WRONG)).toBe('too_many_requests');
  });

  it('clears away sessions and tokens that have ended', async () => {
    await signIn.perform({ name: 'alice', password: PASSWORD }, REQUEST);
    bench.clock.advance(12 * 3_600_000);
    await signIn.perform({ name: 'alice', password: PASSWORD }, REQUEST);
    expect(bench.authority.all('session')).toHaveLength(1);
  });

  it('lets nobody in when it cannot be recorded', async () => {
    bench.committer.failWith('storage_unavailable');
    expect(await codeOf('alice', PASSWORD)).toBe('storage_unavailable');
    expect(bench.authority.all('session')).toEqual([]);
  });
});
