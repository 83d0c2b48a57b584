import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeRequest, TestAuthority } from '../support/certificates.ts';
import { FakeApiServer } from '../support/fake-api-server.ts';
import { Installation } from '../support/installation.ts';
import { API, loopbackSettings, TRUST_DOMAIN } from '../support/loopback.ts';
import { clusterDefinition, podClaims, TokenIssuer } from '../support/token-issuer.ts';
import type { Credential, WireAnswer } from '../support/wire-client.ts';

const CERTIFICATES = `${API}/certificates`;
const ID = `spiffe://${TRUST_DOMAIN}/ns/payments/sa/api`;
const cluster = new TokenIssuer();
const reviewed = new TokenIssuer('https://reviewed.example', 'key-r');

let directory: string;
let authority: TestAuthority;
let apiServer: FakeApiServer;
let installation: Installation;
const at = (name: string): string => join(directory, name);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-kubernetes-'));
  authority = await TestAuthority.root('cluster');
  apiServer = await FakeApiServer.start(await authority.server());
  writeFileSync(at('ca.crt'), authority.pem);
  writeFileSync(at('token'), 'own-token-1\n');
  const kubernetes = { server: apiServer.url, caFile: at('ca.crt'), tokenFile: at('token') };
  const settings = { ...loopbackSettings(at('holdfast/data'), at('holdfast/unseal.key')), kubernetes };
  installation = await Installation.create(at('holdfast'), { settings });
  await installation.grant('owner', 'operator:admin', { allow: ['secret:*'], on: 'payments/**' });
  await installation.admin().must('PUT', `${API}/secrets/payments/db`, { data: { password: 'CANARY' } });
  await installation.grant('api', ID, { allow: ['secret:read'], on: 'payments/**' });
  await trust(clusterDefinition(cluster));
  const rules = [{ id: `spiffe://${TRUST_DOMAIN}/reviewed/{kubernetes.io.namespace}/{kubernetes.io.serviceaccount.name}` }];
  await trust(clusterDefinition(reviewed, { issuer: 'reviewed', review: true, rules }));
});
afterAll(async () => {
  await installation.stop();
  await apiServer[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const trust = (definition: { readonly issuer: string }) =>
  installation.admin().must('PUT', `${API}/issuers/${definition.issuer}`, definition);
const newKey = () => makeRequest(ID, { names: [] });
const podToken = (issuer = cluster): string => issuer.token(podClaims(new Date()));
const codeOf = ({ status, body }: WireAnswer): string => `${status} ${JSON.parse(body).code} ${JSON.parse(body).hint ?? '-'}`;

async function joinWith(jwt: string): Promise<WireAnswer> {
  return installation.operator().send('POST', CERTIFICATES, { csr: (await newKey()).csrPem, jwt });
}

async function newPod(): Promise<Credential & { readonly cert: string; readonly key: string }> {
  const { csrPem: csr, privateKeyPem: key } = await newKey();
  const { chain: cert } = await installation.operator().must<{ chain: string }>('POST', CERTIFICATES, { csr, jwt: podToken() });
  return { cert, key };
}

describe('a pod', () => {
  it('gets its certificate for its ServiceAccount token, and its secrets with that', async () => {
    const pod = installation.workload(await newPod());
    expect((await pod.send('GET', `${API}/secrets/payments/db`)).body).toContain('CANARY');
    const entry = (await installation.entries()).findLast(({ action }) => action === 'identity:certify');
    expect(entry).toMatchObject({
      resource: ID,
      outcome: 'done',
      caller: { method: 'jwt', credential: expect.stringMatching(/^jwt:cluster-a:/) },
    });
  });

  it('V35: gets none for a token that its cluster did not make for it, and nobody is asked', async () => {
    const before = apiServer.reviews.length;
    const now = podClaims(new Date());
    const forged = new TokenIssuer(cluster.url).token(now);
    expect(codeOf(await joinWith(forged))).toBe('401 token_refused -');
    expect(codeOf(await joinWith(cluster.token(now, { jku: apiServer.url })))).toBe('401 token_refused -');
    expect(codeOf(await joinWith(cluster.token({ ...now, aud: 'vault' })))).toBe('401 token_refused wrong_audience');
    expect(codeOf(await joinWith(cluster.token({ ...now, exp: 1 })))).toBe('401 token_refused jwt_expired');
    expect(apiServer.reviews).toHaveLength(before);
  });

  it('B11: sends one credential: no token beside a certificate', async () => {
    const pod = installation.workload(await newPod());
    const answer = await pod.send('POST', CERTIFICATES, { csr: (await newKey()).csrPem, jwt: podToken() });
    expect(codeOf(answer)).toBe('400 several_credentials -');
  });
});

describe('holdfast join in a pod', () => {
  it('trades the token of its file for a certificate, and stays to renew it', async () => {
    writeFileSync(at('projected'), podToken());
    await using joining = startJoin();
    await vi.waitUntil(() => existsSync(at('identity/cert.pem')), { timeout: 20_000 });
    const credential = { cert: readFileSync(at('identity/cert.pem'), 'utf8'), key: readFileSync(at('identity/key.pem'), 'utf8') };
    expect((await installation.workload(credential).send('GET', `${API}/secrets/payments/db`)).status).toBe(200);
    expect(joining.process.exitCode).toBeNull();
  });

  /** The command from its sources, until it is disposed of. */
  function startJoin() {
    const { operator, workload } = installation.server;
    const args = ['--conditions=source', 'apps/cli/src/main.ts', 'join', '--jwt-file', at('projected'), '--out', at('identity'), '--watch'];
    const env = {
      HOLDFAST_OPERATOR_ADDR: `https://127.0.0.1:${operator.port}`,
      HOLDFAST_ADDR: `https://127.0.0.1:${workload?.port}`,
      HOLDFAST_CA: join(installation.dataDir, 'tls/ca.crt'),
    };
    const process = spawn(globalThis.process.execPath, args, { env, stdio: 'ignore' });
    return {
      process,
      async [Symbol.asyncDispose]() {
        const exit = once(process, 'exit');
        if (process.exitCode === null && process.kill('SIGKILL')) await exit;
      },
    };
  }
});

describe('a pod whose certificate was copied', () => {
  it('is shut out with the copier once both have renewed, on connections that are open too, and its other line goes on', async () => {
    const [credential, other] = [await newPod(), await newPod()];
    const [pod, copier] = [installation.workload(credential), installation.workload(credential)];
    const renewal = await newKey();
    const first = await pod.send('POST', CERTIFICATES, { csr: renewal.csrPem });
    const { chain: cert } = JSON.parse(first.body);
    const again = await pod.send('POST', CERTIFICATES, { csr: renewal.csrPem });
    expect(JSON.parse(again.body).chain).toBe(cert);
    const renewed = installation.workload({ cert, key: renewal.privateKeyPem });
    expect((await renewed.send('GET', `${API}/secrets/payments/db`)).status).toBe(200);

    const stolen = await copier.send('POST', CERTIFICATES, { csr: (await newKey()).csrPem });
    expect(codeOf(stolen)).toContain('403 line_locked');
    for (const holder of [pod, copier, renewed]) {
      expect(codeOf(await holder.send('GET', `${API}/secrets/payments/db`))).toBe('401 certificate_refused locked');
    }
    const entry = (await installation.entries()).find(({ requestId }) => requestId === stolen.headers['request-id']);
    expect(entry).toMatchObject({ resource: ID, outcome: 'failed', code: 'line_locked' });
    expect((await installation.workload(other).send('POST', CERTIFICATES, { csr: (await newKey()).csrPem })).status).toBe(201);
  });

  it('stays shut out over a restart', async () => {
    const credential = await newPod();
    const pod = installation.workload(credential);
    await pod.must('POST', CERTIFICATES, { csr: (await newKey()).csrPem });
    expect(codeOf(await pod.send('POST', CERTIFICATES, { csr: (await newKey()).csrPem }))).toContain('line_locked');
    await installation.stop();
    await installation.start();
    expect(codeOf(await installation.workload(credential).send('GET', `${API}/secrets/payments/db`))).toBe(
      '401 certificate_refused locked',
    );
  });
});

describe('what is good once', () => {
  it('F5: an enrolment token has one winner among 64 who use it at once, round after round', async () => {
    const keys = await Promise.all(Array.from({ length: 64 }, newKey));
    const stranger = installation.operator();
    for (let round = 0; round < 5; round++) {
      const { token } = await installation.admin().must<{ token: string }>('POST', `${API}/enrolments`, { spiffeId: ID });
      const answers = await Promise.all(keys.map(({ csrPem: csr }) => stranger.send('POST', CERTIFICATES, { csr, token })));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(new Set(answers.filter(({ status }) => status !== 201).map(codeOf))).toEqual(new Set(['401 token_refused -']));
    }
    stranger.close();
  });

  it('a certificate that 64 renew at once with as many keys is renewed once, and its line is locked', async () => {
    const pod = installation.workload(await newPod());
    const keys = await Promise.all(Array.from({ length: 64 }, newKey));
    const answers = await Promise.all(keys.map(({ csrPem: csr }) => pod.send('POST', CERTIFICATES, { csr })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.some((answer) => codeOf(answer).includes('line_locked'))).toBe(true);
    expect((await pod.send('GET', `${API}/secrets/payments/db`)).status).toBe(401);
  });
});

describe('a token that the API server reviews', () => {
  it('gets its certificate while its pod is there, and this server shows the token that its file holds now', async () => {
    expect((await joinWith(podToken(reviewed))).status).toBe(201);
    writeFileSync(at('token'), 'own-token-2\n');
    expect((await joinWith(podToken(reviewed))).status).toBe(201);
    expect(apiServer.reviews.map(({ authorization }) => authorization)).toEqual(['Bearer own-token-1', 'Bearer own-token-2']);
    apiServer.gone.add('00000000-0000-4000-8000-00000000000b');
    expect(codeOf(await joinWith(podToken(reviewed)))).toBe('401 token_refused review_refused');
    apiServer.gone.clear();
  });

  it.each<[string, number, object]>([
    ['D16: sends us elsewhere', 302, { location: 'https://169.254.169.254/' }],
    ['fails', 500, {}],
    ['refuses us', 403, {}],
  ])('is not believed, by no other way either, while that %s', async (_what, status, headers) => {
    apiServer.instead = (response) => void response.writeHead(status, { ...headers }).end('{}');
    expect(codeOf(await joinWith(podToken(reviewed)))).toContain('503 review_unavailable');
    apiServer.instead = undefined;
  });

  it('is not believed where the answer has no end', async () => {
    apiServer.instead = (response) => void response.writeHead(201).end(Buffer.alloc(300 * 1024, ' '));
    expect(codeOf(await joinWith(podToken(reviewed)))).toContain('503 review_unavailable it answers with more');
    apiServer.instead = undefined;
  });

  it.each<[string, (root: TestAuthority) => ReturnType<TestAuthority['server']>]>([
    ['of another CA', async () => (await TestAuthority.root('other')).server()],
    ['that has ended', (root) => root.server({ notBefore: new Date(Date.now() - 7_200_000), notAfter: new Date(Date.now() - 3_600_000) })],
    ['for another host', (root) => root.server({ ips: ['127.0.0.2'] })],
    ['that is self-signed', async () => (await TestAuthority.root('self', { ips: ['127.0.0.1'] })).own],
  ])('C7: is shown to no API server with a certificate %s', async (_what, certificateOf) => {
    await using impostor = await FakeApiServer.start(await certificateOf(authority));
    const kubernetes = { server: impostor.url, caFile: at('ca.crt'), tokenFile: at('token') };
    await installation.stop();
    await installation.start({ settings: { ...installation.settings, kubernetes } });
    expect(codeOf(await joinWith(podToken(reviewed)))).toContain('503 review_unavailable');
    expect(impostor.reviews).toEqual([]);
  });
});

describe('afterwards', () => {
  it('the log verifies, and holds no token', async () => {
    const exported = await installation.exportedLog();
    expect((await installation.verdictOn(exported)).ok).toBe(true);
    for (const part of ['own-token', 'eyJ', 'CANARY']) expect(exported).not.toContain(part);
  });
});
