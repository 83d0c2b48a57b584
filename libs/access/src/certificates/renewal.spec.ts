import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ANONYMOUS, type Principal } from '#identity';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { workload } from '../../../../test/support/callers.ts';
import { makeRequest } from '../../../../test/support/certificates.ts';
import { EnrolWorkload } from './enrol-workload.ts';
import type { IssueCertificate } from './issue-certificate.ts';
import { RevokeIdentity } from '../trust/revoke-identity.ts';

const ID = 'spiffe://acme.internal/ns/a/sa/w1';
const HOUR = 3_600_000;
const locked = { code: 'line_locked' };
const notRenewable = { code: 'not_renewable' };
const refusedLocked = expect.objectContaining({ code: 'certificate_refused', hint: 'locked' });

let bench: AuthorityBench;
let admin: Principal;
let issue: IssueCertificate;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  admin = await bench.administrator();
  issue = bench.issuance();
});

const newCsr = async (): Promise<string> => (await makeRequest(ID)).csrPem;
const callerOf = ({ chain }: { chain: string }): Principal => bench.authenticator.workload([new X509Certificate(chain)]);
const lines = () => bench.authority.all('certificate-line').map(({ body }) => body);

async function enrolled(): Promise<Principal> {
  const enrol = new EnrolWorkload(bench.gate, bench.authority, bench.clock, 600);
  const { token } = await enrol.perform(admin, { spiffeId: ID }, REQUEST);
  return callerOf(await issue.perform(ANONYMOUS, { csr: await newCsr(), token }, REQUEST));
}

async function renew(caller: Principal, csr?: string): Promise<{ chain: string; notAfter: string }> {
  return issue.perform(caller, { csr: csr ?? (await newCsr()) }, REQUEST);
}

/** Asks with these at once, all of which are prepared before the first of them commits. */
async function atOnce(caller: Principal, csrs: readonly string[]) {
  const before = bench.committer.submissions.length;
  bench.committer.hold();
  const asked = Promise.allSettled(csrs.map((csr) => renew(caller, csr)));
  await vi.waitUntil(() => bench.committer.submissions.length === before + csrs.length);
  bench.committer.release();
  return asked;
}

describe('a line of certificates', () => {
  it('begins with the first, goes on with each renewal, and says who enrolled it', async () => {
    const first = await enrolled();
    const second = callerOf(await renew(first));
    const third = callerOf(await renew(second));
    expect([first, second, third].map(({ place }) => place?.generation)).toEqual([1, 2, 3]);
    expect(new Set([first, second, third].map(({ place }) => place?.line)).size).toBe(1);
    expect(lines()).toMatchObject([{ id: first.place?.line, spiffeId: ID, generation: 3, enrolledBy: 'admin' }]);
  });

  it('moves neither what is decided nor who is let in', async () => {
    const caller = await enrolled();
    const before = [bench.authority.revisionOf('role'), bench.authenticator.revision];
    await renew(caller);
    expect([bench.authority.revisionOf('role'), bench.authenticator.revision]).toEqual(before);
  });

  it('outlives a restart', async () => {
    const caller = await enrolled();
    bench = await bench.restarted();
    issue = bench.issuance();
    expect(callerOf(await renew(caller)).place).toMatchObject({ generation: 2 });
  });

  it('is not begun by a certificate that our CA did not make, nor by one of no line', async () => {
    await expect(renew(workload(ID))).rejects.toMatchObject(notRenewable);
    await expect(renew({ ...workload(ID), place: { line: '4'.repeat(32), generation: 1 } })).rejects.toMatchObject(notRenewable);
  });

  it("is no other workload's, and has no generation that it did not make", async () => {
    const caller = await enrolled();
    const { line = '' } = caller.place ?? {};
    const { csrPem } = await makeRequest('spiffe://acme.internal/w2');
    await expect(renew({ ...caller, id: 'spiffe://acme.internal/w2' }, csrPem)).rejects.toMatchObject(notRenewable);
    await expect(renew({ ...caller, place: { line, generation: 2 } })).rejects.toMatchObject(notRenewable);
  });

  it('is forgotten with its lock once its last certificate is over, and not before', async () => {
    const caller = await enrolled();
    const other = await enrolled();
    const next = callerOf(await renew(other));
    await renew(caller);
    await expect(renew(caller)).rejects.toMatchObject(locked);
    bench.clock.advance(HOUR / 2);
    const renewed = callerOf(await renew(next));
    bench.clock.advance(HOUR / 2 + 300_000);
    expect(lines()).toHaveLength(2);
    bench.clock.advance(1);
    await enrolled();
    expect(lines().map(({ id }) => id === other.place?.line)).toEqual([true, false]);
    expect(bench.authority.all('revocation')).toEqual([]);
    expect(callerOf(await renew(renewed)).place).toMatchObject({ generation: 4 });
  });
});

describe('a certificate that is renewed twice', () => {
  it('gets the same certificate again with the same key: a lost answer is no theft', async () => {
    const [caller, csr] = [await enrolled(), await newCsr()];
    const answer = await renew(caller, csr);
    expect(await renew(caller, csr)).toEqual(answer);
    expect(callerOf(await renew(callerOf(answer))).place).toMatchObject({ generation: 3 });
  });

  it('locks its line with another key, for both who have it, and the entry says so', async () => {
    const caller = await enrolled();
    const next = callerOf(await renew(caller));
    const before = bench.authenticator.revision;
    await expect(renew(caller)).rejects.toMatchObject(locked);
    expect(bench.committer.entries.at(-1)).toMatchObject({
      caller: { id: ID, credential: caller.credential },
      action: 'identity:certify',
      resource: ID,
      outcome: 'failed',
      code: 'line_locked',
      digest: expect.any(String),
    });
    expect(bench.authenticator.revision).toBeGreaterThan(before);
    for (const holder of [caller, next]) await expect(renew(holder)).rejects.toEqual(refusedLocked);
  });

  it('is let in nowhere any more once its line is locked, and neither is any other of the line', async () => {
    const { certificate } = await bench.certificateOf(ID);
    const caller = bench.authenticator.workload([certificate]);
    const { chain } = await renew(caller);
    await expect(renew(caller)).rejects.toMatchObject(locked);
    expect(() => bench.authenticator.workload([certificate])).toThrow(refusedLocked);
    expect(() => callerOf({ chain })).toThrow(refusedLocked);
  });

  it('locks its line also from generations ago, whatever the key', async () => {
    const [caller, csr] = [await enrolled(), await newCsr()];
    await renew(callerOf(await renew(caller, csr)));
    await expect(renew(caller, csr)).rejects.toMatchObject(locked);
  });

  it('locks no other line of the same workload', async () => {
    const [caller, other] = [await enrolled(), await enrolled()];
    await renew(caller);
    await expect(renew(caller)).rejects.toMatchObject(locked);
    expect(callerOf(await renew(other)).place).toMatchObject({ generation: 2 });
  });

  it('stays locked over a restart, and is mended by a revocation and a new enrolment', async () => {
    const caller = await enrolled();
    await renew(caller);
    await expect(renew(caller)).rejects.toMatchObject(locked);
    bench = await bench.restarted();
    issue = bench.issuance();
    await expect(renew(caller)).rejects.toEqual(refusedLocked);
    await new RevokeIdentity(bench.gate, bench.authority, bench.clock).perform(admin, { spiffeId: ID }, REQUEST);
    const enrol = new EnrolWorkload(bench.gate, bench.authority, bench.clock, 600);
    const { token } = await enrol.perform(admin, { spiffeId: ID }, REQUEST);
    const { chain } = await issue.perform(ANONYMOUS, { csr: await newCsr(), token }, REQUEST);
    bench.clock.advance(1_000);
    expect(callerOf({ chain }).place).toMatchObject({ generation: 1 });
  });

  it('is not locked by a request that is refused', async () => {
    const caller = await enrolled();
    const next = callerOf(await renew(caller));
    await expect(renew(caller, 'x')).rejects.toMatchObject({ code: 'malformed_csr' });
    expect(callerOf(await renew(next)).place).toMatchObject({ generation: 3 });
  });
});

describe('renewals of one certificate at once', () => {
  it('with two keys lock its line, whichever comes first', async () => {
    const caller = await enrolled();
    const results = await atOnce(caller, [await newCsr(), await newCsr()]);
    expect(results).toMatchObject([{ status: 'fulfilled' }, { reason: locked }]);
    await expect(renew(caller)).rejects.toEqual(refusedLocked);
  });

  it('with one key get one certificate', async () => {
    const [caller, csr] = [await enrolled(), await newCsr()];
    const results = await atOnce(caller, [csr, csr, csr, csr]);
    const chains = results.map((result) => (result.status === 'fulfilled' ? result.value.chain : result.reason));
    expect(new Set(chains).size).toBe(1);
    expect(lines()).toMatchObject([{ generation: 2 }]);
  });

  it('with 64 keys get one certificate at most, and the line is locked', async () => {
    const caller = await enrolled();
    const results = await atOnce(caller, await Promise.all(Array.from({ length: 64 }, newCsr)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(renew(caller)).rejects.toEqual(refusedLocked);
  });
});

describe('a one-time token', () => {
  it('F5: has one winner among 64 that use it at once, over and over', async () => {
    const csrs = await Promise.all(Array.from({ length: 64 }, newCsr));
    const enrol = new EnrolWorkload(bench.gate, bench.authority, bench.clock, 600);
    for (let round = 0; round < 4; round++) {
      const { token } = await enrol.perform(admin, { spiffeId: ID }, REQUEST);
      const results = await Promise.allSettled(csrs.map((csr) => issue.perform(ANONYMOUS, { csr, token }, REQUEST)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
    expect(lines()).toHaveLength(4);
  });
});
