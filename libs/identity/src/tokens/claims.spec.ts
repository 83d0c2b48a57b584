import { describe, expect, it } from 'vitest';
import { podClaims } from '../../../../test/support/token-issuer.ts';
import { boundPodOf, checkClaims, claimAt } from './claims.ts';

const now = new Date('2026-12-01T12:00:00Z');
const seconds = now.getTime() / 1000;
const expected = { issuer: 'https://issuer.example', audiences: ['holdfast', 'holdfast-blue'], now };
const good = { iss: expected.issuer, aud: 'holdfast', iat: seconds - 60, exp: seconds + 600 };
const refusal = (defect: string) => expect.objectContaining({ defect });

describe('the claims of a token', () => {
  it.each([
    ['for one audience', {}],
    ['for several, all of them ours', { aud: ['holdfast', 'holdfast-blue'] }],
    ['of a clock that is half a minute ahead', { iat: seconds + 30, nbf: seconds + 30 }],
    ['that ended less than half a minute ago', { exp: seconds - 29 }],
    ['that are good for a day', { exp: seconds - 60 + 86_400 }],
  ])('are accepted %s', (_what, changes) => {
    expect(() => checkClaims({ ...good, ...changes }, expected)).not.toThrow();
  });

  it.each<[string, object, string]>([
    ['D7: without an issuer', { iss: undefined }, 'unknown_issuer'],
    ['D7: with the slash of another issuer', { iss: `${expected.issuer}/` }, 'unknown_issuer'],
    ['D7: with a list of issuers', { iss: [expected.issuer] }, 'unknown_issuer'],
    ['for nobody', { aud: undefined }, 'wrong_audience'],
    ['for an empty list', { aud: [] }, 'wrong_audience'],
    ['for somebody else', { aud: 'vault' }, 'wrong_audience'],
    ['for somebody else too', { aud: ['holdfast', 'vault'] }, 'wrong_audience'],
    ['for a name like ours', { aud: 'Holdfast' }, 'wrong_audience'],
    ['for ours in a list in a list', { aud: [['holdfast']] }, 'wrong_audience'],
    ['C20: without an end', { exp: undefined }, 'invalid_claim'],
    ['C20: with an end that is null', { exp: null }, 'invalid_claim'],
    ['C20: with an end that is a text', { exp: '9e99' }, 'invalid_claim'],
    ['C20: with an end before all time', { exp: -1 }, 'invalid_claim'],
    ['C20: with an end beyond all numbers', { exp: 2 ** 53 }, 'invalid_claim'],
    ['without a beginning', { iat: undefined }, 'invalid_claim'],
    ['with a beginning that is a text', { nbf: 'now' }, 'invalid_claim'],
    ['that have ended', { exp: seconds - 30 }, 'jwt_expired'],
    ['from the future', { iat: seconds + 31 }, 'jwt_not_yet_valid'],
    ['for the future', { nbf: seconds + 31 }, 'jwt_not_yet_valid'],
    ['that are good for more than a day', { exp: seconds - 59 + 86_400 }, 'jwt_long_lived'],
    ['that are good for ever', { exp: Number.MAX_SAFE_INTEGER }, 'jwt_long_lived'],
  ])('are refused %s', (_what, changes, defect) => {
    expect(() => checkClaims({ ...good, ...changes }, expected)).toThrow(refusal(defect));
  });
});

describe('a bound ServiceAccount token', () => {
  const claims = podClaims(now);
  const own = claims['kubernetes.io'] as Record<string, object>;
  const inCluster = (changes: object) => ({ ...claims, 'kubernetes.io': { ...own, ...changes } });

  it('names its namespace, its service account and its pod', () => {
    expect(boundPodOf(claims)).toMatchObject({ namespace: 'payments', serviceAccount: { name: 'api' }, pod: { name: 'api-5d4f-x7k2p' } });
  });

  it.each<[string, Record<string, unknown>]>([
    ['is one of before they were bound', { ...claims, 'kubernetes.io': undefined }],
    ['is bound to no pod', inCluster({ pod: undefined })],
    ['is bound to a Secret', inCluster({ pod: undefined, secret: { name: 'api-token', uid: 'u' } })],
    ['is bound to a node alone', inCluster({ pod: undefined, node: { name: 'n', uid: 'u' } })],
    ['names a pod without a uid', inCluster({ pod: { name: 'api-1' } })],
    ['names an empty namespace', inCluster({ namespace: '' })],
    ['names another service account than its subject', { ...claims, sub: 'system:serviceaccount:payments:root' }],
    ['names another namespace than its subject', { ...claims, sub: 'system:serviceaccount:kube-system:api' }],
    ['has no subject', { ...claims, sub: undefined }],
  ])('that %s is refused', (_what, changed) => {
    expect(() => boundPodOf(changed)).toThrow(refusal('not_pod_bound'));
  });
});

describe('a claim', () => {
  const claims = { 'kubernetes.io': { namespace: 'payments', pod: { name: 'p' } }, a: { b: 1 }, list: ['x'], nothing: null };

  it('is found below names that hold dots', () => {
    expect(claimAt(claims, 'kubernetes.io.namespace')).toBe('payments');
    expect(claimAt(claims, 'kubernetes.io.pod.name')).toBe('p');
    expect(claimAt(claims, 'a.b')).toBe(1);
  });

  it.each(['x', 'a.c', 'a.b.c', 'list.0', 'list.length', 'nothing.x', '__proto__', 'constructor', 'a.constructor', 'toString', ''])(
    'is not there at %j',
    (path) => {
      expect(claimAt(claims, path)).toBeUndefined();
    },
  );

  it('is not there where two ways lead to different ones', () => {
    expect(claimAt({ 'a.b': 'one', a: { b: 'other' } }, 'a.b')).toBeUndefined();
  });
});
