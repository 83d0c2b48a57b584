import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ANONYMOUS, type Principal } from '#identity';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { workload } from '../../../../test/support/callers.ts';
import { makeRequest } from '../../../../test/support/certificates.ts';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import { clusterDefinition, podClaims, TokenIssuer } from '../../../../test/support/token-issuer.ts';
import { DeleteIssuer } from '../issuers/delete-issuer.ts';
import type { IssueCertificate } from './issue-certificate.ts';
import { PutIssuer } from '../issuers/put-issuer.ts';
import { RevokeIdentity } from '../trust/revoke-identity.ts';

const ID = 'spiffe://acme.internal/ns/payments/sa/api';
const refused = { code: 'token_refused' };
const cluster = new TokenIssuer();
const ci = new TokenIssuer('https://ci.example', 'ci-1');

let bench: AuthorityBench;
let admin: Principal;
let issue: IssueCertificate;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  admin = await bench.administrator();
  issue = bench.issuance();
  await trust(clusterDefinition(cluster));
});

const trust = (definition: ReturnType<typeof clusterDefinition> | Parameters<PutIssuer['perform']>[2]) =>
  new PutIssuer(bench.gate, bench.authority, bench.clock).perform(admin, definition.issuer, definition, REQUEST);
const ask = async (jwt: string, csr?: string) => issue.perform(ANONYMOUS, { csr: csr ?? (await newRequest()), jwt }, REQUEST);
const newRequest = async (): Promise<string> => (await makeRequest(ID, { names: [] })).csrPem;
const podToken = (changes: object = {}): string => cluster.podToken(bench.clock.now(), { ...changes });
const callerOf = (chain: string): Principal => bench.authenticator.workload([new X509Certificate(chain)]);
const lastEntry = () => bench.committer.entries.at(-1);

describe("a pod's token", () => {
  it('gets the certificate of its service account, and the entry names the issuer and the token', async () => {
    const { chain } = await ask(podToken());
    expect(callerOf(chain)).toMatchObject({ kind: 'workload', id: ID });
    expect(lastEntry()).toMatchObject({
      action: 'identity:certify',
      resource: ID,
      outcome: 'done',
      caller: { kind: 'anonymous', method: 'jwt', credential: expect.stringMatching(/^jwt:cluster-a:[0-9a-f]{64}$/) },
    });
  });

  it('is nowhere to be found afterwards, neither in a row nor in the log', async () => {
    const token = podToken();
    await ask(token);
    const kept = JSON.stringify([...bench.committer.rows.values(), ...bench.committer.entries]);
    for (const part of token.split('.')) expect(kept).not.toContain(part);
  });

  it.each<[string, object, string]>([
    ['made for somebody else', { aud: ['vault'] }, 'wrong_audience'],
    ['made for us and somebody else', { aud: ['holdfast', 'vault'] }, 'wrong_audience'],
    ['that has ended', { exp: 1 }, 'jwt_expired'],
    ['without an end', { exp: undefined }, 'invalid_claim'],
    ['bound to no pod', { 'kubernetes.io': { namespace: 'payments', serviceaccount: { name: 'api', uid: 'u' } } }, 'not_pod_bound'],
    ['for a namespace that is no segment', podClaims(new FakeClock().now(), 'a/b'), 'invalid_claim'],
  ])('%s is refused, and both sides know why', async (_what, changes, defect) => {
    await expect(ask(podToken(changes))).rejects.toMatchObject({ ...refused, hint: defect });
    expect(lastEntry()).toMatchObject({ outcome: 'refused', code: defect });
  });

  it.each<[string, () => string, string]>([
    ['of somebody else, under its name', () => new TokenIssuer(cluster.url).podToken(bench.clock.now()), 'bad_signature'],
    ['D13: that has ended and was signed by somebody else', () => new TokenIssuer(cluster.url).podToken(new Date(0)), 'bad_signature'],
    ['C26: of another cluster, with the same subject', () => new TokenIssuer('https://b').podToken(bench.clock.now()), 'unknown_issuer'],
    ['D7: of nobody', () => podToken({ iss: undefined }), 'unknown_issuer'],
    ['D7: of a list', () => podToken({ iss: [cluster.url] }), 'unknown_issuer'],
    ['that is none', () => 'x', 'malformed_jwt'],
    ['D5: that brings its own key', () => cluster.token(podClaims(bench.clock.now()), { jwk: cluster.jwk }), 'malformed_jwt'],
  ])('%s is refused without a reason, which the log alone has', async (_what, make, defect) => {
    await expect(ask(make())).rejects.toMatchObject({ ...refused, hint: undefined });
    expect(lastEntry()).toMatchObject({ outcome: 'refused', code: defect, caller: { kind: 'anonymous', credential: '' } });
  });

  it('is refused once its issuer is trusted no longer, and once its key is gone', async () => {
    const token = podToken();
    await trust(clusterDefinition(cluster, { jwks: new TokenIssuer(cluster.url).jwks }));
    await expect(ask(token)).rejects.toMatchObject(refused);
    await new DeleteIssuer(bench.gate, bench.authority).perform(admin, 'cluster-a', REQUEST);
    await expect(ask(token)).rejects.toMatchObject(refused);
    expect(lastEntry()).toMatchObject({ code: 'unknown_issuer' });
  });

  it('is refused when its issuer goes while the certificate is made', async () => {
    const before = bench.committer.submissions.length;
    bench.committer.hold();
    const removal = new DeleteIssuer(bench.gate, bench.authority).perform(admin, 'cluster-a', REQUEST);
    const asked = ask(podToken());
    await vi.waitUntil(() => bench.committer.submissions.length === before + 2);
    bench.committer.release();
    await expect(asked).rejects.toMatchObject(refused);
    await removal;
  });

  it('is refused beside another credential', async () => {
    const [csr, jwt] = [await newRequest(), podToken()];
    await expect(issue.perform(workload(ID), { csr, jwt }, REQUEST)).rejects.toMatchObject(refused);
    await expect(issue.perform(admin, { csr, jwt }, REQUEST)).rejects.toMatchObject(refused);
    await expect(issue.perform(ANONYMOUS, { csr, jwt, token: `hfe_${'a'.repeat(43)}` }, REQUEST)).rejects.toMatchObject(refused);
  });

  it('is for no other workload than its own', async () => {
    const { csrPem } = await makeRequest('spiffe://acme.internal/ns/payments/sa/root');
    await expect(ask(podToken(), csrPem)).rejects.toMatchObject({ code: 'csr_refused' });
    const greedy = await makeRequest(ID, { names: [{ type: 'url', value: ID }, { type: 'dns', value: 'api' }] }); // prettier-ignore
    await expect(ask(podToken(), greedy.csrPem)).rejects.toMatchObject({ code: 'csr_asks_for_more' });
  });
});

describe('the same token', () => {
  it('gets the same certificate with the same key: a lost answer is no theft', async () => {
    const [token, csr] = [podToken(), await newRequest()];
    expect(await ask(token, csr)).toEqual(await ask(token, csr));
  });

  it("gets sixteen keys of a pod's containers their certificates, and no seventeenth", async () => {
    const token = podToken();
    const chains = await Promise.all(Array.from({ length: 16 }, () => ask(token)));
    expect(new Set(chains.map(({ chain }) => chain)).size).toBe(16);
    await expect(ask(token)).rejects.toMatchObject({ ...refused, hint: 'jwt_used_up' });
    expect(await ask(podToken({ jti: 'the next' }))).toMatchObject({ notAfter: expect.any(String) });
  });

  it('D14: is the same however its signature is written', async () => {
    await trust(ciDefinition());
    const [one, other] = [1, 2].map(() => ci.token(job({})));
    expect(one).not.toBe(other); // ECDSA signs anew each time
    await ask(one ?? '');
    await expect(ask(other ?? '')).rejects.toMatchObject({ ...refused, hint: 'jwt_used_up' });
  });

  it('is void once its workload is revoked, and one that was made later is not', async () => {
    const token = podToken();
    await new RevokeIdentity(bench.gate, bench.authority, bench.clock).perform(admin, { spiffeId: ID }, REQUEST);
    await expect(ask(token)).rejects.toMatchObject(refused);
    bench.clock.advance(1_000);
    expect(await ask(podToken())).toMatchObject({ chain: expect.any(String) });
  });
});

const job = (changes: object) => {
  const seconds = Math.floor(bench.clock.now().getTime() / 1000);
  const claims = {
    sub: 'project:acme/shop',
    aud: 'holdfast',
    iat: seconds,
    exp: seconds + 300,
    ref: 'refs/heads/main',
    groups: ['ci', 'shop'],
  };
  return { ...claims, protected: true, project: 'shop', ...changes };
};
const ciDefinition = (when: object = { sub: 'project:acme/*', ref: ['refs/heads/main', 'refs/tags/*'] }) =>
  clusterDefinition(ci, { issuer: 'ci', kind: 'jwt', rules: [{ id: 'spiffe://acme.internal/ns/payments/sa/api', when }] });

describe('the token of a CI job', () => {
  it('is used up by one key', async () => {
    await trust(ciDefinition());
    const token = ci.token(job({}));
    await ask(token);
    await expect(ask(token)).rejects.toMatchObject({ ...refused, hint: 'jwt_used_up' });
  });

  it('is good for one of 64 keys that are shown with it at once', async () => {
    await trust(ciDefinition());
    const token = ci.token(job({}));
    const requests = await Promise.all(Array.from({ length: 64 }, newRequest));
    const results = await Promise.allSettled(requests.map((csr) => ask(token, csr)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it.each<[string, object, object]>([
    ['one of several', { ref: ['refs/heads/dev', 'refs/heads/main'] }, {}],
    ['a pattern', { sub: 'project:*/shop' }, {}],
    ['several whole segments', { ref: 'refs/**' }, {}],
    ['a truth', { protected: true }, {}],
    ['a member of a list', { groups: 'shop' }, {}],
    ['all at once', { ref: 'refs/heads/main', protected: true, sub: 'project:acme/shop' }, {}],
  ])('fulfils a condition that is %s', async (_what, when, changes) => {
    await trust(ciDefinition(when));
    expect(await ask(ci.token(job(changes)))).toMatchObject({ chain: expect.any(String) });
  });

  it.each<[string, object, object]>([
    ['another value', { ref: 'refs/heads/main' }, { ref: 'refs/heads/dev' }],
    ['a value that begins alike', { ref: 'refs/heads/main' }, { ref: 'refs/heads/main2' }],
    ['one segment more than the pattern', { sub: 'project:acme/*' }, { sub: 'project:acme/shop/x' }],
    ['one of two conditions only', { ref: 'refs/heads/main', protected: true }, { protected: false }],
    ['the name of a truth', { protected: true }, { protected: 'true' }],
    ['a list in a list', { groups: 'shop' }, { groups: [['shop']] }],
    ['an object', { 'groups.name': 'shop' }, { groups: [{ name: 'shop' }] }],
    ['nothing', { ref: 'refs/**' }, { ref: undefined }],
    ['nothing at all', { environment: 'production' }, {}],
    ['what every object has', { 'constructor.name': 'Object' }, {}],
  ])('does not fulfil one with %s', async (_what, when, changes) => {
    await trust(ciDefinition(when));
    await expect(ask(ci.token(job(changes)))).rejects.toMatchObject({ ...refused, hint: 'no_rule' });
  });

  it('is refused where two rules speak of it, although both say the same', async () => {
    const rule = { id: ID, when: { sub: 'project:acme/*' } };
    await trust(clusterDefinition(ci, { issuer: 'ci', kind: 'jwt', rules: [rule, { ...rule, when: { ref: 'refs/**' } }] }));
    await expect(ask(ci.token(job({})))).rejects.toMatchObject({ ...refused, hint: 'several_rules' });
  });

  it('is refused where the claim that names the workload is not the text of one segment', async () => {
    const rules = [{ id: 'spiffe://acme.internal/ci/{project}', when: { sub: 'project:acme/*' } }];
    await trust(clusterDefinition(ci, { issuer: 'ci', kind: 'jwt', rules }));
    for (const project of ['../root', 'a/b', '', 7, undefined]) {
      await expect(ask(ci.token(job({ project })))).rejects.toMatchObject({ ...refused, hint: 'invalid_claim' });
    }
    expect(callerOf((await ask(ci.token(job({ project: 'shop' })))).chain)).toMatchObject({ id: 'spiffe://acme.internal/ci/shop' });
  });
});
