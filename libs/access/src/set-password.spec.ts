import { beforeEach, describe, expect, it } from 'vitest';
import { AuthorityBench, PASSWORD, REQUEST } from '../../../test/support/authority-bench.ts';
import { SetPassword } from './set-password.ts';
import { SignIn } from './sign-in.ts';

let bench: AuthorityBench;
let setPassword: SetPassword;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  setPassword = new SetPassword(bench.gate, bench.authority, bench.clock);
});

const set = (name: string, password = PASSWORD, token = bench.operatorToken) => setPassword.perform(name, { password, token }, REQUEST);

describe('the first operator', () => {
  it('is made with the one-time token, signs in and administers', async () => {
    await set('alice');
    expect(await new SignIn(bench.gate, bench.authority, bench.clock).perform('alice', PASSWORD, REQUEST)).toMatchObject({
      token: expect.any(String),
    });
    expect(bench.authority.rolesOf({ kind: 'operator', id: 'alice' }).map(({ role }) => role)).toEqual(['administrator']);
    expect(bench.entries('identity:operate')).toEqual(['operator:alice done']);
  });

  it('does not exist before, and there is no other', () => {
    expect(bench.authority.all('operator')).toEqual([]);
  });

  it('is the only one that the token makes, also of many at once', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `op-${i}`);
    const results = await Promise.allSettled(names.map((name) => set(name)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(bench.authority.all('operator')).toHaveLength(1);
    await expect(set('bob')).rejects.toMatchObject({ code: 'token_refused' });
  });

  it('is not made with a token of another kind, made up, or late', async () => {
    for (const token of ['', 'x', `hfo_${'a'.repeat(43)}`, bench.operatorToken.replace('hfo_', 'hfe_')]) {
      await expect(set('alice', PASSWORD, token)).rejects.toMatchObject({ code: 'token_refused' });
    }
    bench.clock.advance(7 * 86_400_000);
    await expect(set('alice')).rejects.toMatchObject({ code: 'token_refused' });
  });

  it('chooses a password that is one, and may try again', async () => {
    await expect(set('alice', 'too short')).rejects.toMatchObject({ code: 'password_too_short' });
    await expect(set('alice', 'alicealicealice')).rejects.toMatchObject({ code: 'password_common' });
    await set('alice');
  });

  it.each(['', 'Alice', 'alice ', '1alice', 'a/b', 'a:b', '../root', 'a\0b', 'al\u0456ce', 'a'.repeat(65), 'alice*'])(
    'is not called %j',
    async (name) => {
      await expect(set(name)).rejects.toMatchObject({ code: 'invalid_name' });
      expect(bench.authority.all('operator')).toEqual([]);
    },
  );
});
