import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Principal } from '#identity';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { operator, workload } from '../../../../test/support/callers.ts';
import { makeRequest } from '../../../../test/support/certificates.ts';
import { ANONYMOUS } from '#identity';
import { EnrolWorkload } from './enrol-workload.ts';
import type { IssueCertificate } from './issue-certificate.ts';
import { RevokeIdentity } from '../trust/revoke-identity.ts';

const ID = 'spiffe://acme.internal/ns/a/sa/w1';
const OTHER = 'spiffe://acme.internal/ns/a/sa/w2';

let bench: AuthorityBench;
let admin: Principal;
let enrol: EnrolWorkload;
let issue: IssueCertificate;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  admin = await bench.administrator();
  enrol = new EnrolWorkload(bench.gate, bench.authority, bench.clock, 600);
  issue = bench.issuance();
});

const tokenFor = async (spiffeId = ID): Promise<string> => (await enrol.perform(admin, { spiffeId }, REQUEST)).token;
const current = async (): Promise<Principal> => bench.authenticator.workload([(await bench.certificateOf(ID)).certificate]);
const callerOf = (chain: string): Principal => bench.authenticator.workload([new X509Certificate(chain)]);
const denied = { code: 'denied' };
const tokenRefused = { code: 'token_refused' };

describe('an enrolment', () => {
  it('turns a token and a request into the certificate of its one workload', async () => {
    const { csrPem } = await makeRequest(ID);
    const { chain, trustBundle, notAfter } = await issue.perform(ANONYMOUS, { csr: csrPem, token: await tokenFor() }, REQUEST);
    expect(callerOf(chain)).toMatchObject({ kind: 'workload', id: ID });
    expect(trustBundle).toBe(new X509Certificate(bench.keyring.issuing.certificatePem).toString());
    expect(notAfter).toBe('2026-12-01T13:00:00.000Z');
    expect(bench.entries('identity:certify')).toEqual([`${ID} done`]);
  });

  it('says whom the certificate is for, where the request leaves it open', async () => {
    const { csrPem } = await makeRequest(ID, { names: [] });
    const { chain } = await issue.perform(ANONYMOUS, { csr: csrPem, token: await tokenFor(OTHER) }, REQUEST);
    expect(callerOf(chain)).toMatchObject({ id: OTHER });
  });

  it('keeps no token, neither in a row nor in the log', async () => {
    const token = await tokenFor();
    await issue.perform(ANONYMOUS, { csr: (await makeRequest(ID)).csrPem, token }, REQUEST);
    expect(JSON.stringify([...bench.committer.rows.values(), ...bench.committer.entries])).not.toContain(token.slice(4));
  });

  it('lasts as long as was asked for, and else as the settings say', async () => {
    expect((await enrol.perform(admin, { spiffeId: ID }, REQUEST)).expiresAt).toBe('2026-12-01T12:10:00.000Z');
    expect((await enrol.perform(admin, { spiffeId: ID, ttl: 60 }, REQUEST)).expiresAt).toBe('2026-12-01T12:01:00.000Z');
  });

  it.each(['https://a', 'spiffe://acme.internal', 'spiffe://acme.internal/a/../b', 'spiffe://other.example/w', ''])(
    'is not for %j',
    async (spiffeId) => {
      await expect(enrol.perform(admin, { spiffeId }, REQUEST)).rejects.toMatchObject({ code: 'invalid_spiffe_id' });
    },
  );

  it('is for nobody to make but who may', async () => {
    for (const caller of [ANONYMOUS, workload(ID), operator('mallory')]) {
      await expect(enrol.perform(caller, { spiffeId: ID }, REQUEST)).rejects.toMatchObject(denied);
    }
    expect(bench.authority.all('enrolment').filter(({ body }) => body.spiffeId !== undefined)).toEqual([]);
  });

  it('makes nobody what its maker may not be', async () => {
    await bench.plantRole({
      role: 'enroller',
      rules: [{ allow: ['identity:enrol'], on: 'spiffe://acme.internal/**' }],
      bind: ['operator:eve'],
    });
    await bench.plantRole({ role: 'reader', rules: [{ allow: ['secret:read'], on: 'app/**' }], bind: [ID] });
    await expect(enrol.perform(operator('eve'), { spiffeId: ID }, REQUEST)).rejects.toMatchObject(denied);
    expect(await enrol.perform(operator('eve'), { spiffeId: OTHER }, REQUEST)).toMatchObject({ token: expect.stringMatching(/^hfe_/) });
    await bench.plantRole({ role: 'granter', rules: [{ allow: ['policy:escalate'], on: 'reader' }], bind: ['operator:eve'] });
    expect(await enrol.perform(operator('eve'), { spiffeId: ID }, REQUEST)).toMatchObject({ token: expect.stringMatching(/^hfe_/) });
  });
});

describe('an enroller whom a role denies something', () => {
  const enroller = { allow: ['identity:enrol' as const], on: 'spiffe://acme.internal/**' };
  const lister = { allow: ['secret:list' as const], on: '**' };
  const token = { token: expect.stringMatching(/^hfe_/) };

  it('does not enrol a workload whom it does not deny that', async () => {
    await bench.plantRole({ role: 'enroller', rules: [enroller, lister], bind: ['operator:eve', ID] });
    await bench.plantRole({ role: 'guard', rules: [{ deny: ['secret:list'], on: 'hr/**' }], bind: ['operator:eve'] });
    await expect(enrol.perform(operator('eve'), { spiffeId: ID }, REQUEST)).rejects.toMatchObject(denied);
    await bench.plantRole({ role: 'guard', rules: [{ deny: ['secret:list'], on: 'hr/**' }], bind: ['operator:eve', ID] });
    expect(await enrol.perform(operator('eve'), { spiffeId: ID }, REQUEST)).toMatchObject(token);
  });

  it('does so with policy:escalate on that role', async () => {
    const escalate = { allow: ['policy:escalate' as const], on: 'guard' };
    await bench.plantRole({ role: 'enroller', rules: [enroller, escalate], bind: ['operator:eve'] });
    await bench.plantRole({ role: 'guard', rules: [{ deny: ['secret:list'], on: 'hr/**' }], bind: ['operator:eve'] });
    expect(await enrol.perform(operator('eve'), { spiffeId: ID }, REQUEST)).toMatchObject(token);
  });
});

describe('a one-time token', () => {
  it('gets the same certificate again with the same key: a lost answer is no theft', async () => {
    const [{ csrPem }, token] = [await makeRequest(ID), await tokenFor()];
    const first = await issue.perform(ANONYMOUS, { csr: csrPem, token }, REQUEST);
    bench.clock.advance(1_200_000);
    expect(await issue.perform(ANONYMOUS, { csr: csrPem, token }, REQUEST)).toEqual(first);
    bench.clock.advance(3_600_000);
    await expect(issue.perform(ANONYMOUS, { csr: csrPem, token }, REQUEST)).rejects.toMatchObject(tokenRefused);
  });

  it('is refused with another key once it was used', async () => {
    const token = await tokenFor();
    await issue.perform(ANONYMOUS, { csr: (await makeRequest(ID)).csrPem, token }, REQUEST);
    await expect(issue.perform(ANONYMOUS, { csr: (await makeRequest(ID)).csrPem, token }, REQUEST)).rejects.toMatchObject(tokenRefused);
  });

  it('is good for one of 64 that use it at once with different keys', async () => {
    const token = await tokenFor();
    const requests = await Promise.all(Array.from({ length: 64 }, () => makeRequest(ID)));
    const results = await Promise.allSettled(requests.map(({ csrPem }) => issue.perform(ANONYMOUS, { csr: csrPem, token }, REQUEST)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect(new Set(reasons)).toEqual(new Set(['token_refused']));
  });

  it('is refused when its time is over', async () => {
    const token = await tokenFor();
    bench.clock.advance(600_000);
    await expect(issue.perform(ANONYMOUS, { csr: (await makeRequest(ID)).csrPem, token }, REQUEST)).rejects.toMatchObject(tokenRefused);
  });

  it('is not spent by a request that is refused', async () => {
    const token = await tokenFor();
    const greedy = await makeRequest(ID, { subject: [{ CN: ['root-op'] }] });
    await expect(issue.perform(ANONYMOUS, { csr: greedy.csrPem, token }, REQUEST)).rejects.toMatchObject({ code: 'csr_asks_for_more' });
    await expect(issue.perform(ANONYMOUS, { csr: 'x', token }, REQUEST)).rejects.toMatchObject({ code: 'malformed_csr' });
    await expect(issue.perform(ANONYMOUS, { csr: (await makeRequest(OTHER)).csrPem, token }, REQUEST)).rejects.toMatchObject({
      code: 'csr_refused',
    });
    expect(await issue.perform(ANONYMOUS, { csr: (await makeRequest(ID)).csrPem, token }, REQUEST)).toMatchObject({
      notAfter: expect.any(String),
    });
  });

  it('is not one of another kind, made up, or left out, and the refusal is an entry', async () => {
    const { csrPem } = await makeRequest(ID);
    const made = `hfe_${'a'.repeat(43)}`;
    for (const token of [bench.operatorToken, bench.operatorToken.replace('hfo_', 'hfe_'), made, 'x', undefined]) {
      await expect(issue.perform(ANONYMOUS, { csr: csrPem, token }, REQUEST)).rejects.toMatchObject(tokenRefused);
    }
    await bench.gate.flush();
    expect(bench.committer.entries.filter(({ action }) => action === 'identity:certify').map(({ count = 1 }) => count)).toEqual([1, 4]);
  });

  it('is refused beside another credential', async () => {
    const [{ csrPem }, token] = [await makeRequest(ID), await tokenFor()];
    await expect(issue.perform(workload(ID), { csr: csrPem, token }, REQUEST)).rejects.toMatchObject(tokenRefused);
    await expect(issue.perform(admin, { csr: csrPem, token }, REQUEST)).rejects.toMatchObject(tokenRefused);
  });

  it('is void once its workload is revoked, and so is what it got', async () => {
    const [{ csrPem }, used, unused] = [await makeRequest(ID), await tokenFor(), await tokenFor()];
    const { chain } = await issue.perform(ANONYMOUS, { csr: csrPem, token: used }, REQUEST);
    await new RevokeIdentity(bench.gate, bench.authority, bench.clock).perform(admin, { spiffeId: ID }, REQUEST);
    expect(() => callerOf(chain)).toThrow(expect.objectContaining({ hint: 'revoked' }));
    for (const token of [used, unused]) {
      await expect(issue.perform(ANONYMOUS, { csr: csrPem, token }, REQUEST)).rejects.toMatchObject(tokenRefused);
    }
  });
});

describe('the current certificate', () => {
  it('gets the next one, for the same workload and no other', async () => {
    const caller = await current();
    const { chain } = await issue.perform(caller, { csr: (await makeRequest(ID)).csrPem }, REQUEST);
    expect(callerOf(chain)).toMatchObject({ id: ID, place: { line: caller.place?.line, generation: 2 } });
    await expect(issue.perform(callerOf(chain), { csr: (await makeRequest(OTHER)).csrPem }, REQUEST)).rejects.toMatchObject({
      code: 'csr_refused',
    });
  });

  it('is not what an operator has', async () => {
    await expect(issue.perform(admin, { csr: (await makeRequest(ID)).csrPem }, REQUEST)).rejects.toMatchObject(tokenRefused);
  });

  it('begins anew after a revocation: what was asked for just before is revoked, too', async () => {
    const revoke = new RevokeIdentity(bench.gate, bench.authority, bench.clock);
    const before = await issue.perform(await current(), { csr: (await makeRequest(ID)).csrPem }, REQUEST);
    await revoke.perform(admin, { spiffeId: ID }, REQUEST);
    expect(() => callerOf(before.chain)).toThrow(expect.objectContaining({ hint: 'revoked' }));
    const after = await issue.perform(ANONYMOUS, { csr: (await makeRequest(ID)).csrPem, token: await tokenFor() }, REQUEST);
    bench.clock.advance(1_000);
    expect(callerOf(after.chain)).toMatchObject({ id: ID });
    expect(() => callerOf(before.chain)).toThrow(expect.objectContaining({ hint: 'revoked' }));
  });
});

describe('a renewal beside a revocation', () => {
  const refusedRevoked = { code: 'certificate_refused', hint: 'revoked' };
  const byId = () => ({ spiffeId: ID });
  const byFingerprint = ({ credential }: Principal) => ({ fingerprint: credential });
  const renew = async (caller: Principal) => issue.perform(caller, { csr: (await makeRequest(ID)).csrPem }, REQUEST);
  const revoke = (revocation: { spiffeId: string } | { fingerprint: string }) =>
    new RevokeIdentity(bench.gate, bench.authority, bench.clock).perform(admin, revocation, REQUEST);

  it.each([
    ['the workload', byId],
    ['the certificate', byFingerprint],
  ])('that came whole only after %s was revoked is refused', async (_what, revocationOf) => {
    const caller = await current();
    await revoke(revocationOf(caller));
    await expect(renew(caller)).rejects.toMatchObject(refusedRevoked);
    expect(bench.committer.entries.at(-1)).toMatchObject({ caller: { id: ID }, outcome: 'refused', code: 'certificate_refused' });
  });

  it.each([
    ['the workload', byId],
    ['the certificate', byFingerprint],
  ])('that is prepared while %s is revoked is refused', async (_what, revocationOf) => {
    const caller = await current();
    const { csrPem: csr } = await makeRequest(ID);
    const renewal = issue.perform(caller, { csr }, REQUEST);
    const results = await Promise.allSettled([renewal, revoke(revocationOf(caller))]);
    expect(results).toMatchObject([{ reason: refusedRevoked }, { status: 'fulfilled' }]);
  });

  it.each([
    ['the workload', byId],
    ['the certificate', byFingerprint],
  ])('that shares its transaction with the revocation of %s is refused', async (_what, revocationOf) => {
    const caller = await current();
    const before = bench.committer.submissions.length;
    bench.committer.hold();
    const revocation = revoke(revocationOf(caller));
    const renewal = renew(caller);
    await vi.waitUntil(() => bench.committer.submissions.length === before + 2);
    bench.committer.release();
    await expect(renewal).rejects.toMatchObject(refusedRevoked);
    await revocation;
  });

  it('is granted to who was enrolled anew, and again', async () => {
    await revoke({ spiffeId: ID });
    const { chain } = await issue.perform(ANONYMOUS, { csr: (await makeRequest(ID)).csrPem, token: await tokenFor() }, REQUEST);
    bench.clock.advance(1_000);
    const next = await renew(callerOf(chain));
    expect(callerOf((await renew(callerOf(next.chain))).chain)).toMatchObject({ id: ID });
  });

  it('leaves nothing when who was enrolled anew is revoked at once, or by a clock that was set back', async () => {
    await revoke({ spiffeId: ID });
    const { chain } = await issue.perform(ANONYMOUS, { csr: (await makeRequest(ID)).csrPem, token: await tokenFor() }, REQUEST);
    bench.clock.advance(-10_000);
    await revoke({ spiffeId: ID });
    bench.clock.advance(70_000);
    expect(() => callerOf(chain)).toThrow(expect.objectContaining({ hint: 'revoked' }));
  });
});

describe('a revocation', () => {
  it('is for nobody to make but who may: not one workload of another, nor of itself', async () => {
    const revoke = new RevokeIdentity(bench.gate, bench.authority, bench.clock);
    for (const caller of [ANONYMOUS, workload(ID), workload(OTHER), operator('mallory')]) {
      await expect(revoke.perform(caller, { spiffeId: OTHER }, REQUEST)).rejects.toMatchObject(denied);
    }
    expect(bench.authority.all('revocation')).toEqual([]);
  });

  it('wants a SPIFFE ID that is one', async () => {
    const revoke = new RevokeIdentity(bench.gate, bench.authority, bench.clock);
    await expect(revoke.perform(admin, { spiffeId: 'spiffe://acme.internal/**' }, REQUEST)).rejects.toMatchObject({
      code: 'invalid_spiffe_id',
    });
  });
});
