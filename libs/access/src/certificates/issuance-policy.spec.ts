import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { ANONYMOUS, type Principal } from '#identity';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { makeRequest } from '../../../../test/support/certificates.ts';
import { clusterDefinition, TokenIssuer } from '../../../../test/support/token-issuer.ts';
import { PutIssuer } from '../issuers/put-issuer.ts';

const cluster = new TokenIssuer();
const id = 'spiffe://acme.internal/ns/{kubernetes.io.namespace}/sa/{kubernetes.io.serviceaccount.name}';
const service = '{kubernetes.io.serviceaccount.name}.{kubernetes.io.namespace}.svc';

let bench: AuthorityBench;
let admin: Principal;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  admin = await bench.administrator();
});

const trust = (rule: object) => {
  const definition = clusterDefinition(cluster, { rules: [{ id, ...rule }] });
  return new PutIssuer(bench.gate, bench.authority, bench.clock).perform(admin, definition.issuer, definition, REQUEST);
};

async function join(policy: Parameters<AuthorityBench['issuance']>[1] = {}, key?: 'P-384' | 'Ed25519' | 'RSA-3072') {
  const { csrPem: csr } = await makeRequest('', { names: [], key });
  const jwt = cluster.podToken(bench.clock.now());
  return bench.issuance(undefined, policy).perform(ANONYMOUS, { csr, jwt }, REQUEST);
}

async function renew(chain: string) {
  const caller = bench.authenticator.workload([new X509Certificate(chain)]);
  const { csrPem: csr } = await makeRequest('', { names: [] });
  return bench.issuance().perform(caller, { csr }, REQUEST);
}

const minutesOf = ({ notAfter }: { notAfter: string }): number => (Date.parse(notAfter) - bench.clock.now().getTime()) / 60_000;

describe('what a certificate may be', () => {
  it('lasts an hour, or as long as the rule says, and so does each that renews it', async () => {
    await trust({});
    expect(minutesOf(await join())).toBe(60);
    await trust({ ttl: 600 });
    const first = await join();
    expect(minutesOf(first)).toBe(10);
    expect(minutesOf(await renew(first.chain))).toBe(10);
  });

  it('is for the kinds of keys that the settings name', async () => {
    await trust({});
    for (const key of [undefined, 'P-384', 'Ed25519', 'RSA-3072'] as const)
      expect(await join({}, key)).toMatchObject({ chain: expect.any(String) });
    const keyTypes = ['p256', 'ed25519'] as const;
    expect(await join({ keyTypes })).toMatchObject({ chain: expect.any(String) });
    for (const key of ['P-384', 'RSA-3072'] as const) {
      await expect(join({ keyTypes }, key)).rejects.toMatchObject({ code: 'csr_refused', hint: 'keys that are certified: p256, ed25519' });
    }
  });

  it('holds the DNS names that the rule says, made of claims, and so does each that renews it', async () => {
    await trust({ dnsNames: [service, 'api.example'] });
    const first = await join();
    const expected = 'URI:spiffe://acme.internal/ns/payments/sa/api, DNS:api.payments.svc, DNS:api.example';
    expect(new X509Certificate(first.chain).subjectAltName).toBe(expected);
    expect(new X509Certificate((await renew(first.chain)).chain).subjectAltName).toBe(expected);
  });

  it("is never in this server's own name", async () => {
    await trust({ dnsNames: [service] });
    await expect(join({ reservedNames: ['localhost', 'api.payments.svc'] })).rejects.toMatchObject({ code: 'csr_refused' });
  });

  it('C25: holds no name that the request asks for', async () => {
    await trust({ dnsNames: [service] });
    const names = [{ type: 'dns' as const, value: 'api.payments.svc' }];
    const { csrPem: csr } = await makeRequest('', { names });
    const jwt = cluster.podToken(bench.clock.now());
    await expect(bench.issuance().perform(ANONYMOUS, { csr, jwt }, REQUEST)).rejects.toMatchObject({ code: 'csr_asks_for_more' });
  });

  it('is refused in a rule that names no DNS name', async () => {
    for (const name of ['*.example', 'a..b', '{a}-b']) {
      await expect(trust({ dnsNames: [name] })).rejects.toMatchObject({ code: 'invalid_issuer', hint: expect.stringContaining('rules.0') });
    }
  });
});
