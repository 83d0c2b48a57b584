import { beforeEach, describe, expect, it } from 'vitest';
import { spiffeDocument, type Principal } from '#identity';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { TestAuthority } from '../../../../test/support/certificates.ts';
import { revocationList, type ListOptions } from '../../../../test/support/revocation-lists.ts';
import { DeleteTrustBundle } from './delete-trust-bundle.ts';
import { GetTrustBundle } from './get-trust-bundle.ts';
import { ListTrustBundles } from './list-trust-bundles.ts';
import { PutCrls } from './put-crls.ts';
import { PutTrustBundle } from './put-trust-bundle.ts';
import { ReadSpiffeBundle } from './read-spiffe-bundle.ts';

const OWN = 'acme.internal';
const PARTNER = 'partner.example';
const ID = `spiffe://${PARTNER}/w`;
const HOUR = 3_600_000;
const DATES = { notBefore: new Date('2026-12-01T11:00:00Z'), notAfter: new Date('2026-12-02T13:00:00Z') };

let bench: AuthorityBench;
let admin: Principal;
let root: TestAuthority;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  admin = await bench.administrator();
  root = await TestAuthority.root('partner', DATES);
});

function put(trustDomain: string, pem: string, caller = admin) {
  return new PutTrustBundle(bench.gate, bench.authority, bench.clock).perform(caller, trustDomain, { pem }, REQUEST);
}

function putLists(lists: readonly string[], caller = admin) {
  return new PutCrls(bench.gate, bench.authority, bench.clock).perform(caller, PARTNER, lists, REQUEST);
}

function remove(trustDomain: string, caller = admin) {
  return new DeleteTrustBundle(bench.gate, bench.authority).perform(caller, trustDomain, REQUEST);
}

function listOf(options: ListOptions = {}): Promise<string> {
  const now = bench.clock.now().getTime();
  return revocationList(root, { thisUpdate: new Date(now - HOUR), nextUpdate: new Date(now + HOUR), ...options });
}

async function workload() {
  const { certificate } = await root.workload(ID, DATES);
  const defect = (): unknown => {
    try {
      return bench.authenticator.workload([certificate]).id;
    } catch (error) {
      return error instanceof Error && 'hint' in error ? error.hint : error;
    }
  };
  return { certificate, defect };
}

/** Somebody who may trust, with rules of their own and nothing to give away. */
async function olga(...rules: readonly object[]): Promise<Principal> {
  await bench.plantRole({ role: 'olga', rules: [{ allow: ['identity:*'], on: '**' }, ...rules] as never, bind: ['operator:olga'] });
  return bench.authenticator.session(bench.plantSession('olga'));
}

describe('a trust bundle', () => {
  it('lets in the workloads of its domain with the next request, and its end keeps them out', async () => {
    const one = await workload();
    expect(one.defect()).toBe('foreign_trust_domain');
    const { revision } = bench.authenticator;
    await put(PARTNER, root.pem);
    expect(bench.authenticator.revision).toBeGreaterThan(revision);
    expect(one.defect()).toBe(ID);
    bench = await bench.restarted();
    expect(one.defect()).toBe(ID);
    await put(PARTNER, (await TestAuthority.root('another', DATES)).pem);
    expect(one.defect()).toBe('untrusted');
    await put(PARTNER, root.pem);
    await remove(PARTNER);
    expect(one.defect()).toBe('foreign_trust_domain');
    expect(bench.entries('identity:trust')).toEqual(Array.from({ length: 4 }, () => `trust-domain:${PARTNER} done`));
  });

  it('tells the listeners', async () => {
    let told = 0;
    bench.authority.onTrustChanged(() => (told += 1));
    await put(PARTNER, root.pem);
    await putLists([await listOf()]);
    expect(told).toBe(1);
    await remove(PARTNER);
    expect(told).toBe(2);
  });

  it('is shown as it was put, and listed as far as the caller may see it', async () => {
    await new PutTrustBundle(bench.gate, bench.authority, bench.clock).perform(admin, PARTNER, { jwks: spiffeDocument([root.certificate], 7, 60) }, REQUEST); // prettier-ignore
    const shown = await new GetTrustBundle(bench.gate, bench.authority).perform(admin, PARTNER, REQUEST);
    expect(shown).toMatchObject({ trustDomain: PARTNER, sequence: 7, refreshHint: 60, updatedBy: 'admin', lists: [] });
    expect(shown.certificates.map(({ pem }) => pem.trim())).toEqual([root.pem.trim()]);
    const list = new ListTrustBundles(bench.gate, bench.authority);
    expect((await list.perform(admin, REQUEST)).map(({ trustDomain }) => trustDomain)).toEqual([OWN, PARTNER]);
    await bench.plantRole({ role: 'otto', rules: [{ allow: ['identity:describe'], on: `trust-domain:${OWN}` }], bind: ['operator:otto'] });
    const otto = bench.authenticator.session(bench.plantSession('otto'));
    expect((await list.perform(otto, REQUEST)).map(({ trustDomain }) => trustDomain)).toEqual([OWN]);
  });

  it('keeps the own issuing CA, and may hold others besides', async () => {
    const own = bench.keyring.issuing.certificatePem;
    await expect(put(OWN, root.pem)).rejects.toMatchObject({ code: 'conflict' });
    await expect(remove(OWN)).rejects.toMatchObject({ code: 'conflict' });
    expect((await put(OWN, own + root.pem)).certificates).toHaveLength(2);
    expect((await put(OWN, own)).certificates).toHaveLength(1);
  });

  it('is not put back by a document that is older', async () => {
    const operation = new PutTrustBundle(bench.gate, bench.authority, bench.clock);
    const at = (sequence: number) => operation.perform(admin, PARTNER, { jwks: spiffeDocument([root.certificate], sequence, 60) }, REQUEST);
    await at(7);
    await at(7);
    await expect(at(6)).rejects.toMatchObject({ code: 'conflict' });
  });

  it.each<[string, string, string]>([
    ['Partner.example', 'of no trust domain', 'invalid_trust_domain'],
    [PARTNER, 'of nothing', 'trust_bundle_refused'],
  ])('%s %s is refused', async (trustDomain, _what, code) => {
    await expect(put(trustDomain, 'nothing')).rejects.toMatchObject({ code });
    expect(bench.entries('identity:trust')).toEqual([`trust-domain:${trustDomain} failed ${code}`]);
  });

  it('wants policy:escalate for what workloads of the domain may and the caller may not', async () => {
    const caller = await olga();
    await expect(put(PARTNER, root.pem, caller)).resolves.toBeDefined();
    await bench.plantRole({ role: 'shop', rules: [{ allow: ['secret:read'], on: 'shop/**' }], bind: [`spiffe://${PARTNER}/ns/*/sa/web`] });
    const more = root.pem + (await TestAuthority.root('more', DATES)).pem;
    await expect(put(PARTNER, more, caller)).rejects.toMatchObject({ code: 'denied' });
    await expect(put('other.example', root.pem, caller)).resolves.toBeDefined();
    await expect(put(PARTNER, root.pem, caller)).resolves.toBeDefined();
    await expect(put(PARTNER, more)).resolves.toBeDefined();
    await expect(put(PARTNER, root.pem, caller)).resolves.toBeDefined();
    await bench.plantRole({ role: 'olga-escalates', rules: [{ allow: ['policy:escalate'], on: 'shop' }], bind: ['operator:olga'] });
    await expect(put(PARTNER, more, caller)).resolves.toBeDefined();
  });

  it('wants it too where the caller would shed a deny', async () => {
    const caller = await olga({ deny: ['identity:enrol'], on: 'spiffe://acme.internal/core' });
    await expect(put(PARTNER, root.pem, caller)).rejects.toMatchObject({ code: 'denied' });
  });

  it('is one of 128 at most', async () => {
    for (let at = 1; at < 128; at += 1) {
      const write = bench.authority.put('trust-bundle', { trustDomain: `d${at}.example`, certificates: [root.pem] }, undefined);
      bench.committer.plantAndTell(write);
    }
    await expect(put(PARTNER, root.pem)).rejects.toMatchObject({ code: 'conflict', hint: 'at most 128 trust domains' });
    await expect(put('d1.example', root.pem)).resolves.toBeDefined();
  });
});

describe('revocation lists', () => {
  beforeEach(() => put(PARTNER, root.pem));

  it('revoke from the next request on, also in the first after a restart, and until they should be replaced (C5)', async () => {
    const [one, other] = [await workload(), await workload()];
    expect(one.defect()).toBe(ID);
    const shown = await putLists([await listOf({ serials: [one.certificate.serialNumber] })]);
    expect(shown.lists).toMatchObject([{ revoked: 1, issuer: shown.certificates[0]?.fingerprint }]);
    expect([one.defect(), other.defect()]).toEqual(['revoked', ID]);
    bench = await bench.restarted();
    expect([one.defect(), other.defect()]).toEqual(['revoked', ID]);
    bench.clock.advance(HOUR + 1000);
    expect([one.defect(), other.defect()]).toEqual(['crl_expired', 'crl_expired']);
    await putLists([await listOf()]);
    expect([one.defect(), other.defect()]).toEqual([ID, ID]);
  });

  it('end what a caller may who is known already, when they should be replaced', async () => {
    const { certificate } = await workload();
    await putLists([await listOf()]);
    const { validity } = bench.authenticator.workload([certificate]);
    expect(validity?.until).toBe(bench.clock.now().getTime() + HOUR + 1);
  });

  it('stay when the bundle is put anew, and go with it', async () => {
    const one = await workload();
    await putLists([await listOf({ serials: [one.certificate.serialNumber] })]);
    const shown = await put(PARTNER, root.pem + (await TestAuthority.root('more', DATES)).pem);
    expect([shown.lists.length, one.defect()]).toEqual([1, 'revoked']);
    await remove(PARTNER);
    expect(bench.authority.all('crl')).toEqual([]);
  });

  it.each<[string, () => Promise<readonly string[]>, object]>([
    ['of nobody in the bundle', async () => [await revocationList(await TestAuthority.root('partner', DATES))], { code: 'crl_refused' }],
    ['that have ended', async () => [await listOf({ nextUpdate: new Date(bench.clock.now().getTime() - 1000) })], { hint: 'it should have been replaced by now' }], // prettier-ignore
    [
      'that are not yet valid',
      async () => [await listOf({ thisUpdate: new Date(bench.clock.now().getTime() + 1000) })],
      { hint: 'it is not yet valid' },
    ],
    ['of which two are of one CA', async () => [await listOf(), await listOf({ serials: ['0a'] })], { hint: 'two lists of one CA' }],
    ['that are none', async () => ['AAAA'], { hint: 'not a revocation list' }],
  ])('%s are refused', async (_what, make, error) => {
    await expect(putLists(await make())).rejects.toMatchObject({ code: 'crl_refused', ...error });
  });

  it('want a bundle', async () => {
    await remove(PARTNER);
    await expect(putLists([])).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are not put back by older ones', async () => {
    const older = await listOf({ thisUpdate: new Date(bench.clock.now().getTime() - 2 * HOUR) });
    await putLists([await listOf()]);
    await expect(putLists([older])).rejects.toMatchObject({ code: 'conflict' });
  });

  it('are renewed by who may trust, and taken away only with policy:escalate for what that gives back', async () => {
    await putLists([await listOf()]);
    await bench.plantRole({ role: 'shop', rules: [{ allow: ['secret:read'], on: 'shop/**' }], bind: [ID] });
    const caller = await olga();
    await expect(putLists([await listOf({ serials: ['0a'] })], caller)).resolves.toBeDefined();
    await expect(putLists([], caller)).rejects.toMatchObject({ code: 'denied' });
    await expect(putLists([])).resolves.toMatchObject({ lists: [] });
  });
});

describe('our own bundle', () => {
  it('is there for anybody, with the own CAs alone and a sequence that grows', async () => {
    const read = () => new ReadSpiffeBundle(bench.gate, bench.authority).perform({ ...admin, kind: 'anonymous', method: 'none' }, REQUEST);
    await put(PARTNER, root.pem);
    const before = await read();
    expect(before.keys).toMatchObject([{ use: 'x509-svid', kty: 'EC', x5c: [expect.any(String)] }]);
    await put(OWN, bench.keyring.issuing.certificatePem + root.pem);
    const after = await read();
    expect(after.keys).toHaveLength(2);
    expect(after.spiffe_sequence).toBeGreaterThan(before.spiffe_sequence ?? Infinity);
  });
});
