import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { AuthorityBench, PASSWORD, REQUEST } from '../../../../test/support/authority-bench.ts';
import { TestAuthority } from '../../../../test/support/certificates.ts';
import { EnrolWorkload } from '../certificates/enrol-workload.ts';
import { RevokeIdentity } from '../trust/revoke-identity.ts';
import { SignIn } from '../sessions/sign-in.ts';
import { SignOut } from '../sessions/sign-out.ts';

const ID = 'spiffe://acme.internal/ns/a/sa/w1';
const DATES = { notBefore: new Date('2026-12-01T11:00:00Z'), notAfter: new Date('2026-12-01T13:00:00Z') };

let bench: AuthorityBench;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
});

function refusal(presented: X509Certificate[]): unknown {
  try {
    return bench.authenticator.workload(presented);
  } catch (error) {
    return error;
  }
}

/** Trusts another domain's root besides the own. */
async function trust(trustDomain: string, root: TestAuthority): Promise<void> {
  const write = bench.authority.put('trust-bundle', { trustDomain, certificates: [root.pem] }, undefined);
  bench.committer.plantAndTell(write);
}

describe('a workload', () => {
  it('is who its certificate says', async () => {
    const { certificate } = await bench.certificateOf(ID);
    const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    expect(bench.authenticator.workload([certificate])).toEqual({
      kind: 'workload',
      id: ID,
      place: { line: expect.stringMatching(/^[4-7][0-9a-f]{31}$/), generation: 1 },
      method: 'certificate',
      credential: `sha256:${fingerprint}`,
      serial: certificate.serialNumber.toLowerCase(),
      validity: { from: certificate.validFromDate.getTime(), until: certificate.validToDate.getTime() + 1 },
    });
  });

  it('is nobody without a certificate', () => {
    expect(refusal([])).toMatchObject({ code: 'certificate_refused', hint: 'no_certificate' });
  });

  it('is refused with the defect of its certificate', async () => {
    const root = await TestAuthority.root('root', DATES);
    await trust('other.example', root);
    const wrong = await root.workload('spiffe://other.example/w', { ...DATES, extKeyUsage: ['serverAuth'] });
    expect(refusal([wrong.certificate])).toMatchObject({ hint: 'wrong_extended_key_usage' });
  });

  it('is refused when its trust domain is not known', async () => {
    const root = await TestAuthority.root('root', DATES);
    const { certificate } = await root.workload('spiffe://other.example/w', DATES);
    expect(refusal([certificate])).toMatchObject({ hint: 'foreign_trust_domain' });
  });

  it('is refused when another trusted domain signed for it (bundles are never pooled)', async () => {
    const other = await TestAuthority.root('root', DATES);
    await trust('other.example', other);
    expect(bench.authenticator.workload([(await other.workload('spiffe://other.example/w', DATES)).certificate])).toMatchObject({
      id: 'spiffe://other.example/w',
    });
    const { certificate } = await other.workload(ID, DATES);
    const own = new X509Certificate(bench.keyring.issuing.certificatePem);
    expect(refusal([certificate])).toMatchObject({ hint: 'wrong_trust_domain' });
    expect(refusal([certificate, own])).toMatchObject({ hint: 'wrong_trust_domain' });
    expect(refusal([certificate, other.certificate, own])).toMatchObject({ hint: 'wrong_trust_domain' });
  });

  it('is refused once its certificate has ended, and before it began', async () => {
    const { certificate } = await bench.certificateOf(ID);
    bench.clock.advance(3_601_000);
    expect(refusal([certificate])).toMatchObject({ hint: 'expired' });
    bench.clock.advance(-7_200_000);
    expect(refusal([certificate])).toMatchObject({ hint: 'not_yet_valid' });
  });

  it('is refused as soon as its one certificate is revoked, also in the first request after a restart', async () => {
    const [revoked, other] = [await bench.certificateOf(ID), await bench.certificateOf(ID)];
    const { credential: fingerprint } = bench.authenticator.workload([revoked.certificate]);
    const { revision } = bench.authenticator;
    await new RevokeIdentity(bench.gate, bench.authority, bench.clock).perform(await bench.administrator(), { fingerprint }, REQUEST);
    expect(bench.authenticator.revision).toBeGreaterThan(revision);
    expect(refusal([revoked.certificate])).toMatchObject({ hint: 'revoked' });
    expect(refusal([other.certificate])).toMatchObject({ id: ID });
    bench = await bench.restarted();
    expect(refusal([revoked.certificate])).toMatchObject({ hint: 'revoked' });
  });

  it('is refused with every certificate from before its id was revoked, and with none from after', async () => {
    const [before, neighbour] = [await bench.certificateOf(ID), await bench.certificateOf(`${ID}0`)];
    await new RevokeIdentity(bench.gate, bench.authority, bench.clock).perform(await bench.administrator(), { spiffeId: ID }, REQUEST);
    expect(refusal([before.certificate])).toMatchObject({ hint: 'revoked' });
    expect(refusal([neighbour.certificate])).toMatchObject({ id: `${ID}0` });
    bench.clock.advance(60_000);
    expect(refusal([(await bench.certificateOf(ID)).certificate])).toMatchObject({ id: ID });
  });

  it('is nobody while the server is sealed', async () => {
    const { certificate } = await bench.certificateOf(ID);
    await bench.authority.sealing();
    expect(refusal([certificate])).toMatchObject({ hint: 'foreign_trust_domain' });
  });
});

describe('a session', () => {
  async function signIn(): Promise<string> {
    if (bench.authority.all('operator').length === 0) await bench.firstOperator();
    return (
      await new SignIn(bench.gate, bench.authority, bench.clock, bench.attempts).perform({ name: 'alice', password: PASSWORD }, REQUEST)
    ).token;
  }

  const refused = expect.objectContaining({ code: 'session_refused' });

  it('is its operator, and its entries name it without holding it', async () => {
    const token = await signIn();
    const caller = bench.authenticator.session(token);
    expect(caller).toMatchObject({ kind: 'operator', id: 'alice', method: 'session' });
    expect(caller.credential).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify([...bench.committer.rows.values(), ...bench.committer.entries])).not.toContain(token);
  });

  it('ends after 15 minutes without use, and not before', async () => {
    const token = await signIn();
    bench.clock.advance(15 * 60_000 - 1);
    expect(bench.authenticator.session(token)).toMatchObject({ id: 'alice' });
    bench.clock.advance(15 * 60_000);
    expect(() => bench.authenticator.session(token)).toThrow(refused);
  });

  it('ends after twelve hours, however busy', async () => {
    const token = await signIn();
    for (let minutes = 0; minutes < 12 * 60 - 10; minutes += 10) {
      bench.clock.advance(10 * 60_000);
      expect(bench.authenticator.session(token)).toMatchObject({ id: 'alice' });
    }
    bench.clock.advance(10 * 60_000);
    expect(() => bench.authenticator.session(token)).toThrow(refused);
  });

  it('survives a restart, from which its idle time counts as if it had not been used', async () => {
    const token = await signIn();
    bench.clock.advance(14 * 60_000);
    bench.authenticator.session(token);
    bench = await bench.restarted();
    expect(bench.authenticator.session(token)).toMatchObject({ id: 'alice' });
    bench = await bench.restarted();
    bench.clock.advance(60_000);
    expect(() => bench.authenticator.session(token)).toThrow(refused);
  });

  it('ends when its operator signs out, and the others do not', async () => {
    const [one, two] = [await signIn(), await signIn()];
    const caller = bench.authenticator.session(one);
    const signOut = new SignOut(bench.gate, bench.authority);
    await signOut.perform(caller, REQUEST);
    expect(() => bench.authenticator.session(one)).toThrow(refused);
    expect(bench.authenticator.session(two)).toMatchObject({ id: 'alice' });
    await expect(signOut.perform(caller, REQUEST)).rejects.toMatchObject({ code: 'session_refused' });
    expect(bench.entries('identity:sign-out')).toEqual(['operator:alice done', 'operator:alice refused session_refused']);
  });

  it.each(['', 'x', 'hfs_', `hfs_${'a'.repeat(43)}`, `hfe_${'a'.repeat(43)}`])('is not %j', (token) => {
    expect(() => bench.authenticator.session(token)).toThrow(refused);
  });

  it('is not a token of another kind', () => {
    expect(() => bench.authenticator.session(bench.operatorToken)).toThrow(refused);
    expect(() => bench.authenticator.session(bench.operatorToken.replace('hfo_', 'hfs_'))).toThrow(refused);
  });
});

describe('an operator token', () => {
  const refused = expect.objectContaining({ code: 'token_refused' });

  it('is an operator without a name or a role, and its entries name it without holding it', async () => {
    const caller = bench.authenticator.token(bench.operatorToken);
    const credential = expect.stringMatching(/^[0-9a-f]{64}$/);
    const validity = { from: 0, until: bench.clock.now().getTime() + 7 * 86_400_000 };
    expect(caller).toEqual({ kind: 'operator', id: '(first)', method: 'token', credential, validity });
    expect(bench.authority.rolesOf(caller)).toEqual([]);
    await bench.firstOperator();
    expect(JSON.stringify([...bench.committer.rows.values(), ...bench.committer.entries])).not.toContain(bench.operatorToken);
  });

  it('is good until it has been used, also after a restart', async () => {
    bench = await bench.restarted();
    await bench.firstOperator();
    expect(() => bench.authenticator.token(bench.operatorToken)).toThrow(refused);
    bench = await bench.restarted();
    expect(() => bench.authenticator.token(bench.operatorToken)).toThrow(refused);
  });

  it('is good for seven days, and not longer', () => {
    bench.clock.advance(7 * 86_400_000 - 1);
    expect(bench.authenticator.token(bench.operatorToken)).toMatchObject({ method: 'token' });
    bench.clock.advance(1);
    expect(() => bench.authenticator.token(bench.operatorToken)).toThrow(refused);
  });

  it('is no token of another kind or of another server, nor one that is made up', async () => {
    const { token: enrolment } = await new EnrolWorkload(bench.gate, bench.authority, bench.clock, 600).perform(
      await bench.administrator(),
      { spiffeId: ID },
      REQUEST,
    );
    const { operatorToken: foreign } = await AuthorityBench.initialized();
    const kinds = ['hfe_', 'hfs_', 'hfb_'].map((prefix) => bench.operatorToken.replace('hfo_', prefix));
    const madeUp = ['', 'x', 'hfo_', `hfo_${'a'.repeat(43)}`, `${bench.operatorToken}a`, ` ${bench.operatorToken}`];
    for (const token of [enrolment, enrolment.replace('hfe_', 'hfo_'), foreign, ...kinds, ...madeUp]) {
      expect(() => bench.authenticator.token(token)).toThrow(refused);
    }
  });
});
