import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Concurrency } from './concurrency.ts';
import { isCommonPassword } from './common-passwords.ts';
import { PASSWORD_COST, Passwords } from './password.ts';

const real = new Passwords();
const cheap = new Passwords({ memoryCost: 64, timeCost: 1, parallelism: 1 });
const hashPassword = (password: string, names: string[] = []): Promise<string> => cheap.hash(password, names);
const verifyPassword = (encoded: string | undefined, password: string): Promise<boolean> => cheap.verify(encoded, password);

describe('a password', () => {
  it('is hashed with argon2id at 19 MiB, two passes and one lane, and with a salt of its own', async () => {
    const [one, two] = await Promise.all([real.hash('correct horse battery'), real.hash('correct horse battery')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,p=1,t=2\$/);
    expect(one).not.toBe(two);
    expect(PASSWORD_COST).toEqual({ memoryCost: 19_456, timeCost: 2, parallelism: 1 });
    expect(await verifyPassword(one, 'correct horse battery')).toBe(true);
  });

  it('is verified whole, to its last byte', async () => {
    const long = 'x y'.repeat(300);
    const encoded = await hashPassword(`${long}1`);
    expect(await verifyPassword(encoded, `${long}1`)).toBe(true);
    expect(await verifyPassword(encoded, `${long}2`)).toBe(false);
    expect(await verifyPassword(encoded, long)).toBe(false);
  });

  it('E10: of any length is told from every other: by the last byte, after byte 72, and however long the name is', async () => {
    for (const length of [15, 52, 71, 72, 73, 74, 255, 256, 1024]) {
      const encoded = await hashPassword(`${'xy z'.repeat(256).slice(0, length - 1)}1`, ['a'.repeat(64)]);
      expect(await verifyPassword(encoded, `${'xy z'.repeat(256).slice(0, length - 1)}1`)).toBe(true);
      expect(await verifyPassword(encoded, `${'xy z'.repeat(256).slice(0, length - 1)}2`)).toBe(false);
      expect(await verifyPassword(encoded, 'xy z'.repeat(256).slice(0, length - 1))).toBe(false);
    }
  });

  it('P7: hashed at another cost is known, and still verified', async () => {
    const raised = new Passwords({ memoryCost: 128, timeCost: 1, parallelism: 1 });
    const before = await hashPassword('correct horse battery');
    expect([cheap.isOutdated(before), raised.isOutdated(before)]).toEqual([false, true]);
    expect(await raised.verify(before, 'correct horse battery')).toBe(true);
    expect(raised.isOutdated(await raised.hash('correct horse battery'))).toBe(false);
  });

  it('is the same however its letters are composed, and in no other case or spacing', async () => {
    const encoded = await hashPassword('jos\u00e9 und die Vögel');
    expect(await verifyPassword(encoded, 'jose\u0301 und die Vo\u0308gel')).toBe(true);
    for (const other of ['José und die Vögel', 'josé und die Vögel ', 'jose und die vogel']) {
      expect(await verifyPassword(encoded, other)).toBe(false);
    }
  });

  it('counts a code point as one character', async () => {
    await expect(hashPassword('🦉'.repeat(14))).rejects.toMatchObject({ code: 'password_too_short' });
    expect(await hashPassword('🦉🐎'.repeat(32))).toMatch(/^\$argon2id/);
    expect(await hashPassword('🦉🐎'.repeat(512))).toMatch(/^\$argon2id/);
    await expect(hashPassword('🦉🐎'.repeat(513))).rejects.toMatchObject({ code: 'password_too_long' });
  });

  it.each([
    ['x'.repeat(1025), 'password_too_long'],
    ['x'.repeat(1_000_000), 'password_too_long'],
    ['fourteen chars', 'password_too_short'],
    ['', 'password_too_short'],
    ['correct horse\0battery', 'password_malformed'],
    ['correct horse battery \ud800', 'password_malformed'],
    ['passwordpassword', 'password_common'],
    ['PasswordPassword', 'password_common'],
    ['aaaaaaaaaaaaaaa', 'password_common'],
    ['1234567890123456', 'password_common'],
    ['holdfastholdfast', 'password_common'],
    ['holdfast-password', 'password_common'],
    ['Password2026!!!!', 'password_common'],
    ['welcome_dragon_123456', 'password_common'],
    ['qwertyuiop 987654321', 'password_common'],
    ['letmein.letmein.12', 'password_common'],
    ['abcdefgh87654321', 'password_common'],
  ])('is refused as %2$s', async (password, code) => {
    await expect(hashPassword(password)).rejects.toMatchObject({ code });
  });

  it('is not the name of its operator', async () => {
    await expect(hashPassword('alicealicealice', ['alice'])).rejects.toMatchObject({ code: 'password_common' });
    await expect(hashPassword('alice-password-1', ['alice'])).rejects.toMatchObject({ code: 'password_common' });
    expect(await hashPassword('alice likes horses', ['alice'])).toMatch(/^\$argon2id/);
  });

  it('P4: is otherwise whatever its owner likes, of one kind of characters too', async () => {
    for (const password of ['834920174620395', 'only letters here', 'the dragon ate it', '\u{1f989}'.repeat(7) + '\u{1f40e}'.repeat(8)])
      expect(await hashPassword(password)).toMatch(/^\$argon2id/);
  });

  it('is never right where there is no such name, at the same cost', async () => {
    expect(await verifyPassword(undefined, 'correct horse battery')).toBe(false);
    const [unknown, known] = [await timed(undefined), await timed(await real.hash('correct horse battery'))];
    expect(unknown / known).toBeGreaterThan(0.3);
    expect(unknown / known).toBeLessThan(3);
  });

  it('takes where there is no such name what it takes where there is one whose hash is older', async () => {
    const cheaper = await hashPassword('correct horse battery');
    expect((await timed(undefined, cheaper)) / (await timed(undefined))).toBeLessThan(0.3);
    expect(await real.verify(undefined, 'correct horse battery', cheaper)).toBe(false);
  });
});

/** Processor time, of all threads. */
async function timed(encoded: string | undefined, like?: string): Promise<number> {
  const started = process.cpuUsage();
  for (let i = 0; i < 3; i += 1) await real.verify(encoded, 'another horse battery', like);
  return process.cpuUsage(started).user;
}

describe('the words that are guessed first', () => {
  it('are found repeated, and never make another password common', () => {
    expect(isCommonPassword('qwertyqwertyqwerty', [])).toBe(true);
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{20}[0-9A-F]{4}Z$/), (password) => {
        expect(isCommonPassword(password, ['alice'])).toBe(false);
      }),
    );
  });
});

describe('the limit on hashing', () => {
  it('runs no more at a time than it says, and everything in the end', async () => {
    const limit = new Concurrency(2, 50);
    let [running, most, done] = [0, 0, 0];
    const work = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      done += 1;
      if (done % 3 === 0) throw new Error('this one fails');
    };
    await Promise.allSettled(Array.from({ length: 50 }, () => limit.run(work)));
    expect([most, done]).toEqual([2, 50]);
  });

  it('begins nothing that would have to wait behind too many', async () => {
    const limit = new Concurrency(1, 2);
    const held = Promise.withResolvers<string>();
    let begun = 0;
    const work = (): Promise<string> => {
      begun += 1;
      return held.promise;
    };
    const results = Array.from({ length: 10 }, () => limit.run(work).catch((error: { code: string }) => error.code));
    held.resolve('done');
    expect(await Promise.all(results)).toEqual([...Array(3).fill('done'), ...Array(7).fill('too_many_requests')]);
    expect(begun).toBe(3);
    expect(await limit.run(work)).toBe('done');
  });
});
