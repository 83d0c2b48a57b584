import { beforeEach, describe, expect, it } from 'vitest';
import { ANONYMOUS, type Principal } from '#identity';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { makeRequest } from '../../../../test/support/certificates.ts';
import { clusterDefinition, podClaims, reviewOf, TokenIssuer } from '../../../../test/support/token-issuer.ts';
import { AccessError } from '../errors.ts';
import type { OutboundAnswer, OutboundRequest } from '../providers/outbound.ts';
import { PutIssuer } from './put-issuer.ts';

const cluster = new TokenIssuer();
const refused = { code: 'token_refused' };
const unavailable = { code: 'review_unavailable' };

let bench: AuthorityBench;
let admin: Principal;
let asked: OutboundRequest[];
let answer: (request: OutboundRequest) => OutboundAnswer;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  admin = await bench.administrator();
  asked = [];
  answer = () => reviewed(reviewOf(claims()));
  await trust({ review: true });
});

const claims = () => podClaims(bench.clock.now());
const reviewed = (body: unknown, status = 201): OutboundAnswer => ({ status, headers: {}, body: Buffer.from(JSON.stringify(body)) });
const trust = (changes: object) => {
  const definition = clusterDefinition(cluster, changes);
  return new PutIssuer(bench.gate, bench.authority, bench.clock).perform(admin, definition.issuer, definition, REQUEST);
};

async function join(jwt = cluster.token(claims())) {
  const outbound = {
    ask: async (request: OutboundRequest) => {
      asked.push(request);
      return answer(request);
    },
  };
  const { csrPem: csr } = await makeRequest('', { names: [] });
  return bench.issuance(outbound).perform(ANONYMOUS, { csr, jwt }, REQUEST);
}

describe('a token that the API server reviews', () => {
  it('gets its certificate where that knows it, for our audience and by the same names', async () => {
    expect(await join()).toMatchObject({ chain: expect.any(String) });
    const [request] = asked;
    expect(request).toMatchObject({
      url: 'https://10.0.0.1:6443/apis/authentication.k8s.io/v1/tokenreviews',
      method: 'POST',
      ca: 'CA',
      headers: { authorization: 'Bearer own-token' },
    });
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ kind: 'TokenReview', spec: { audiences: ['holdfast'] } });
  });

  it.each<[string, object]>([
    ['is not known', { authenticated: false }],
    ['is known by a text that looks so', { authenticated: 'true' }],
    ['is of a pod that is gone', { authenticated: undefined, error: 'pod not found', user: undefined }],
    ['is good for somebody else', { audiences: ['vault'] }],
    ['is good for somebody else, too', { audiences: ['holdfast', 'vault'] }],
    ['was looked at without audiences', { audiences: undefined }],
    ['is good for nobody', { audiences: [] }],
    ['is of nobody', { user: undefined }],
    [
      'is of another service account',
      { user: { ...reviewOf(podClaims(new Date())).status.user, username: 'system:serviceaccount:payments:root' } },
    ],
    ['is of one that was made anew', { user: { ...reviewOf(podClaims(new Date())).status.user, uid: 'another' } }],
    ['is of no pod', { user: { ...reviewOf(podClaims(new Date())).status.user, extra: {} } }],
    [
      'is of another pod',
      { user: { ...reviewOf(podClaims(new Date())).status.user, extra: { 'authentication.kubernetes.io/pod-uid': ['x'] } } },
    ],
  ])('is refused where it %s', async (_what, changes) => {
    answer = () => reviewed(reviewOf(claims(), changes));
    await expect(join()).rejects.toMatchObject({ ...refused, hint: 'review_refused' });
    expect(bench.committer.entries.at(-1)).toMatchObject({ outcome: 'refused', code: 'review_refused' });
  });

  it.each<[string, () => OutboundAnswer]>([
    ['does not know this server', () => reviewed({ kind: 'Status' }, 401)],
    ['does not let this server ask', () => reviewed({ kind: 'Status' }, 403)],
    ['is overloaded', () => reviewed({ kind: 'Status' }, 429)],
    ['fails', () => reviewed(reviewOf(claims()), 500)],
    ['D16: sends us elsewhere', () => ({ status: 302, headers: { location: 'https://169.254.169.254/' }, body: Buffer.alloc(0) })],
    ['is no API server', () => ({ status: 200, headers: {}, body: Buffer.from('<html>') })],
    ['answers with something else', () => reviewed({ kind: 'Pod', status: { authenticated: true } })],
    [
      'is not there',
      () => {
        throw new AccessError('issuer_unreachable', 'there is no connection');
      },
    ],
  ])('is not believed while the API server %s', async (_what, answers) => {
    answer = answers;
    await expect(join()).rejects.toMatchObject(unavailable);
    expect(asked).toHaveLength(1);
    expect(bench.committer.entries.at(-1)).toMatchObject({ outcome: 'refused', code: 'review_unavailable' });
    expect(bench.authority.all('jwt-use')).toEqual([]);
  });

  it('is not believed where the settings name no API server', async () => {
    const { csrPem: csr } = await makeRequest('', { names: [] });
    await expect(bench.issuance().perform(ANONYMOUS, { csr, jwt: cluster.token(claims()) }, REQUEST)).rejects.toMatchObject(unavailable);
  });

  it('is asked about only once its signature and its claims are good, so that nobody makes us ask', async () => {
    const forged = new TokenIssuer(cluster.url);
    await expect(join(forged.token(claims()))).rejects.toMatchObject(refused);
    await expect(join(cluster.token({ ...claims(), aud: 'vault' }))).rejects.toMatchObject(refused);
    await expect(join(cluster.token({ ...claims(), 'kubernetes.io': {} }))).rejects.toMatchObject(refused);
    expect(asked).toEqual([]);
  });

  it('needs no keys on record where it is reviewed; then nothing is said of it before', async () => {
    await trust({ review: true, jwks: undefined });
    expect(await join()).toMatchObject({ chain: expect.any(String) });
    answer = () => reviewed(reviewOf(claims(), { authenticated: false }));
    await expect(join(cluster.token({ ...claims(), exp: 1 }))).rejects.toMatchObject({ ...refused, hint: 'review_refused' });
    answer = () => reviewed(reviewOf(claims()));
    await expect(join(cluster.token({ ...claims(), exp: 1 }))).rejects.toMatchObject({ ...refused, hint: 'jwt_expired' });
  });

  it('is of Kubernetes, and has keys where it is not reviewed', async () => {
    const when = { sub: 'x' };
    const rules = [{ id: 'spiffe://acme.internal/a', when }];
    await expect(trust({ kind: 'jwt', review: true, rules })).rejects.toMatchObject({ code: 'invalid_issuer' });
    for (const review of [false, undefined]) {
      await expect(trust({ review, jwks: undefined })).rejects.toMatchObject({ code: 'invalid_issuer' });
    }
  });
});
