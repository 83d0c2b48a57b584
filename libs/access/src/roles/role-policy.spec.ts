import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ANONYMOUS, newToken, SERVER, type Principal } from '#identity';
import { AuthorityBench, PASSWORD, REQUEST } from '../../../../test/support/authority-bench.ts';
import { workload } from '../../../../test/support/callers.ts';
import { RevokeIdentity } from '../trust/revoke-identity.ts';
import { RolePolicy } from './role-policy.ts';
import { SignIn } from '../sessions/sign-in.ts';
import { SignOut } from '../sessions/sign-out.ts';

const ID = 'spiffe://acme.internal/ns/a/sa/w1';

let bench: AuthorityBench;
let policy: RolePolicy;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  policy = new RolePolicy(bench.authority);
});

const lapseOf = (caller: Principal) => policy.lapseOf(caller, bench.clock.now().getTime());
const revoke = async (revocation: { spiffeId: string } | { fingerprint: string }) =>
  new RevokeIdentity(bench.gate, bench.authority, bench.clock).perform(await bench.administrator(), revocation, REQUEST);

async function enrolled(): Promise<Principal> {
  return bench.authenticator.workload([(await bench.certificateOf(ID)).certificate]);
}

async function signedIn(): Promise<Principal> {
  await bench.firstOperator();
  const { token } = await new SignIn(bench.gate, bench.authority, bench.clock, bench.attempts).perform(
    { name: 'alice', password: PASSWORD },
    REQUEST,
  );
  return bench.authenticator.session(token);
}

describe('a credential that was accepted', () => {
  it('holds until somebody takes it back, and is looked up once', async () => {
    const callers = [await enrolled(), await signedIn(), ANONYMOUS, SERVER];
    expect(callers.map(lapseOf)).toEqual([undefined, undefined, undefined, undefined]);
    using find = vi.spyOn(bench.authority, 'find');
    callers.forEach(lapseOf);
    expect(find).not.toHaveBeenCalled();
  });

  it('lapses with the revocation of the certificate, or of the workload', async () => {
    const [one, other] = [await enrolled(), await enrolled()];
    expect([one, other].map(lapseOf)).toEqual([undefined, undefined]);
    await revoke({ fingerprint: one.credential });
    expect(lapseOf(one)).toMatchObject({ code: 'certificate_refused', hint: 'revoked' });
    expect(lapseOf(other)).toBeUndefined();
    await revoke({ spiffeId: ID });
    expect(lapseOf(other)).toMatchObject({ code: 'certificate_refused', hint: 'revoked' });
  });

  it('does not lapse with a revocation from before it began', async () => {
    await revoke({ spiffeId: ID });
    bench.clock.advance(60_000);
    expect(lapseOf(await enrolled())).toBeUndefined();
    expect(lapseOf(workload(ID))).toMatchObject({ hint: 'revoked' });
  });

  it('lapses when its time is over', async () => {
    const [certificate, session, token] = [await enrolled(), await signedIn(), bench.operatorToken];
    expect([certificate, session].map(lapseOf)).toEqual([undefined, undefined]);
    bench.clock.advance(3_601_000);
    expect(lapseOf(certificate)).toMatchObject({ code: 'certificate_refused', hint: 'expired' });
    expect(lapseOf(session)).toBeUndefined();
    bench.clock.advance(12 * 3_600_000);
    expect(lapseOf(session)).toMatchObject({ code: 'session_refused' });
    expect(() => bench.authenticator.token(token)).toThrow();
  });

  it('lapses when it is signed out, used up, or was never there', async () => {
    const holder = bench.authenticator.token(bench.operatorToken);
    expect(lapseOf(holder)).toBeUndefined();
    const session = await signedIn();
    expect(lapseOf(holder)).toMatchObject({ code: 'token_refused' });
    await new SignOut(bench.gate, bench.authority).perform(session, REQUEST);
    expect(lapseOf(session)).toMatchObject({ code: 'session_refused' });
    const made = bench.authority.hashOf('session', newToken('session'));
    expect(lapseOf({ ...session, credential: made })).toMatchObject({ code: 'session_refused' });
  });

  it('lapses when the server is sealed', async () => {
    const callers = [await enrolled(), await signedIn()];
    await bench.authority.sealing();
    expect(callers.map(lapseOf)).toMatchObject([{ code: 'sealed' }, { code: 'sealed' }]);
    expect(lapseOf(ANONYMOUS)).toBeUndefined();
  });
});
