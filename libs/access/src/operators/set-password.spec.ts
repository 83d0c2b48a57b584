import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ANONYMOUS } from '#identity';
import { AuthorityBench, PASSWORD, REQUEST } from '../../../../test/support/authority-bench.ts';
import { operator, workload } from '../../../../test/support/callers.ts';
import { SetPassword } from './set-password.ts';
import { SignIn } from '../sessions/sign-in.ts';

let bench: AuthorityBench;
let setPassword: SetPassword;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  setPassword = new SetPassword(bench.gate, bench.authority, bench.clock, bench.passwords);
});

const holder = () => bench.authenticator.token(bench.operatorToken);
const set = (name: string, password = PASSWORD, caller = holder()) => setPassword.perform(caller, name, password, REQUEST);

describe('the first operator', () => {
  it('is made with the one-time token, signs in and administers', async () => {
    await set('alice');
    expect(
      await new SignIn(bench.gate, bench.authority, bench.clock, bench.attempts).perform({ name: 'alice', password: PASSWORD }, REQUEST),
    ).toMatchObject({
      token: expect.any(String),
    });
    expect(bench.authority.rolesOf({ kind: 'operator', id: 'alice' }).map(({ role }) => role)).toEqual(['administrator']);
    expect(bench.entries('identity:credentials')).toEqual(['operator:alice done']);
    expect(bench.committer.entries.at(0)?.caller).toMatchObject({ kind: 'operator', id: '(first)', method: 'token' });
  });

  it('does not exist before, and there is no other', () => {
    expect(bench.authority.all('operator')).toEqual([]);
  });

  it('is the only one that the token makes, also of many at once', async () => {
    const caller = holder();
    const names = Array.from({ length: 16 }, (_, i) => `op-${i % 12}`);
    const results = await Promise.allSettled(names.map((name) => set(name, PASSWORD, caller)));
    const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect(refusals).toEqual(Array.from({ length: 15 }, () => 'token_refused'));
    expect(bench.authority.all('operator')).toHaveLength(1);
    expect(bench.authority.all('enrolment')).toEqual([]);
    await expect(set('bob', PASSWORD, caller)).rejects.toMatchObject({ code: 'token_refused' });
  });

  it('is made, and its token spent, in one transaction', async () => {
    const commits = vi.spyOn(bench.committer, 'commit');
    await set('alice');
    const changes = commits.mock.calls.map(([{ writes }]) => writes.map(({ kind, sealed }) => `${sealed === null ? '-' : '+'}${kind}`));
    expect(changes).toEqual([['-enrolment', '+operator', '+role', '+role-version']]);
  });

  it('is not made once the token has ended, even if it was good when the request came in', async () => {
    const caller = holder();
    bench.clock.advance(7 * 86_400_000);
    await expect(set('alice', PASSWORD, caller)).rejects.toMatchObject({ code: 'token_refused' });
  });

  it('is not made by anybody with another credential, whatever they may do', async () => {
    for (const caller of [await bench.administrator(), operator('bob')])
      await expect(set('bob', PASSWORD, caller)).rejects.toMatchObject({ code: 'token_refused' });
    const stranger = workload('spiffe://acme.internal/ns/payments/sa/api');
    for (const caller of [ANONYMOUS, operator('carol'), stranger]) {
      await expect(set('bob', PASSWORD, caller)).rejects.toMatchObject({ code: 'denied' });
    }
    expect(bench.authority.all('operator')).toEqual([]);
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
