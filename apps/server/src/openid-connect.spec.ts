import { createHash, generateKeyPairSync } from 'node:crypto';
import { exportJWK } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuthorizationAnswer, Flow, ProviderRecord } from '#access';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakeIssuer, type Said } from '../../../test/support/fake-issuer.ts';
import { OpenIdClient } from './openid-connect.ts';
import { HttpsOutbound } from './outbound.ts';

const CLIENT = 'holdfast';

let clock: FakeClock;
let issuer: FakeIssuer;
let protocol: OpenIdClient;
let provider: ProviderRecord;
beforeEach(async () => {
  clock = new FakeClock();
  issuer = await FakeIssuer.start(clock);
  protocol = new OpenIdClient(new HttpsOutbound(), clock);
  provider = record();
});
afterEach(() => issuer[Symbol.asyncDispose]());

function record(more: Partial<ProviderRecord> = {}): ProviderRecord {
  const rest = { clientAuth: 'basic', scopes: ['openid'], require: [], userinfo: false, updatedAt: '2026-01-01T00:00:00Z' } as const;
  return { name: 'corp', ...issuer.settings(), ...rest, ...more };
}

const flowOf = (of = provider): Flow => ({
  provider: of,
  redirectUri: 'http://127.0.0.1:4711/callback',
  state: 'state-1',
  nonce: 'nonce-1',
  verifier: 'v'.repeat(43),
});

async function claims(said: Said = {}, spoil: Partial<AuthorizationAnswer> = {}, flow = flowOf()) {
  const answer = issuer.answerTo(await protocol.authorizationUrl(flow), said);
  return protocol.claimsFor(flow, { ...answer, ...spoil });
}

const refused = (hint?: string) => ({ code: 'sign_in_refused', ...(hint !== undefined && { hint: expect.stringContaining(hint) }) });
const unreachable = { code: 'issuer_unreachable' };

describe('signing in at a provider', () => {
  it('asks for a code with state, nonce and a challenge, and for nothing secret', async () => {
    const flow = flowOf();
    const { searchParams, ...url } = new URL(await protocol.authorizationUrl(flow));
    expect(Object.fromEntries(searchParams)).toEqual({
      client_id: CLIENT,
      response_type: 'code',
      redirect_uri: flow.redirectUri,
      scope: 'openid',
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: createHash('sha256').update(flow.verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    expect(JSON.stringify([...searchParams, url])).not.toMatch(new RegExp(`${flow.verifier}|${issuer.clientSecret}`));
  });

  it('brings the claims of the ID token', async () => {
    expect(await claims({ claims: { groups: ['a'] } })).toMatchObject({ sub: 'subject-1', preferred_username: 'olga', groups: ['a'] });
  });

  it('asks the userinfo endpoint only where it is told to, and believes the token more', async () => {
    issuer.userinfo = { sub: 'subject-1', preferred_username: 'somebody-else', email: 'olga@acme.example' };
    expect(await claims()).not.toHaveProperty('email');
    expect(await claims({}, {}, flowOf(record({ userinfo: true })))).toMatchObject({
      preferred_username: 'olga',
      email: 'olga@acme.example',
    });
    issuer.userinfo = { sub: 'subject-2', email: 'otto@acme.example' };
    await expect(claims({}, {}, flowOf(record({ userinfo: true })))).rejects.toMatchObject(refused());
  });

  it('D16: shows the secret to the token endpoint and to nobody else', async () => {
    await claims();
    const shown = issuer.credentials.filter(([, authorization]) => authorization !== undefined);
    expect(shown).toEqual([['/token', `Basic ${Buffer.from(`${CLIENT}:${issuer.clientSecret}`).toString('base64')}`]]);
    await claims({}, {}, flowOf(record({ clientAuth: 'post' })));
    await claims({}, {}, flowOf(record({ clientSecret: undefined })));
    expect(issuer.credentials.filter(([, authorization]) => authorization !== undefined)).toEqual(shown);
  });

  it('asks what a provider publishes once in ten minutes, and its keys every time', async () => {
    await claims();
    await claims();
    expect(issuer.asked.filter((asked) => asked.includes('openid-configuration'))).toHaveLength(1);
    expect(issuer.asked.filter((asked) => asked.includes('jwks'))).toHaveLength(2);
    clock.advance(10 * 60_000);
    await claims();
    expect(issuer.asked.filter((asked) => asked.includes('openid-configuration'))).toHaveLength(2);
  });

  it('asks one that is down no more than every five seconds', async () => {
    issuer.spoiled.set('/.well-known/openid-configuration', { status: 500 });
    for (let i = 0; i < 3; i += 1) await expect(claims()).rejects.toMatchObject(unreachable);
    expect(issuer.asked).toHaveLength(1);
    issuer.spoiled.clear();
    clock.advance(5_000);
    await expect(claims()).resolves.toMatchObject({ sub: 'subject-1' });
  });
});

describe('an ID token', () => {
  const now = () => Math.floor(clock.now().getTime() / 1_000);
  const unsigned = (alg: string, more: object = {}): string =>
    [{ alg }, { iss: issuer.issuer, aud: CLIENT, sub: 'subject-1', nonce: 'nonce-1', iat: now(), exp: now() + 60, ...more }, undefined]
      .map((part) => (part === undefined ? '' : Buffer.from(JSON.stringify(part)).toString('base64url')))
      .join('.');

  it.each<[string, () => Said | Promise<Said>]>([
    ['D1: without a signature', () => ({ idToken: unsigned('none') })],
    ['D1: without a signature, in another spelling', () => ({ idToken: unsigned('nOnE') })],
    ['D1: with an empty signature', () => ({ idToken: unsigned('ES256') })],
    ['D1: of two parts', () => ({ idToken: unsigned('ES256').replace(/\.$/, '') })],
    ['D2: signed with our client secret', () => ({ header: { alg: 'HS256' }, key: Buffer.from(issuer.clientSecret.padEnd(64, 'x')) })],
    ['D2: signed with the public key', () => ({ header: { alg: 'HS256' }, key: Buffer.from(issuer.authority.pem) })],
    ['signed by somebody else', () => ({ key: otherKey() })],
    ['D5: with a key of its own in the header', async () => ({ key: otherKey(), header: { jwk: await exportJWK(otherKey()) } })],
    ['D5: with an address of keys in the header', () => ({ key: otherKey(), header: { jku: `${issuer.issuer}/other` } })],
    ['D5: with a path for a key', () => ({ header: { kid: '../../dev/null' } })],
    ['with a critical header that nobody knows', () => ({ header: { crit: ['b64'], b64: true } })],
    ['D7: without an issuer', () => ({ claims: { iss: undefined } })],
    ['D7: of another issuer', () => ({ claims: { iss: 'https://elsewhere.example' } })],
    ['D7: of an issuer with a slash more', () => ({ claims: { iss: `${issuer.issuer}/` } })],
    ['D7: of a list of issuers', () => ({ claims: { iss: [issuer.issuer] } })],
    ['for another client', () => ({ claims: { aud: 'elsewhere' } })],
    ['for several, made for none of them', () => ({ claims: { aud: [CLIENT, 'elsewhere'] } })],
    ['for several, made for another', () => ({ claims: { aud: [CLIENT, 'elsewhere'], azp: 'elsewhere' } })],
    ['for this client, made for another', () => ({ claims: { azp: 'elsewhere' } })],
    ['with the nonce of another sign-in', () => ({ claims: { nonce: 'nonce-2' } })],
    ['without a nonce', () => ({ claims: { nonce: undefined } })],
    ['C20: without an end', () => ({ claims: { exp: undefined } })],
    ['C20: with a text for an end', () => ({ claims: { exp: '9e99' } })],
    ['C20: with an end before the beginning of time', () => ({ claims: { exp: -1 } })],
    ['that has ended', () => ({ claims: { exp: now() - 31 } })],
    ['D13: that has ended and is badly signed', () => ({ claims: { exp: now() - 3_600 }, key: otherKey() })],
    ['that has not begun', () => ({ claims: { nbf: now() + 31 } })],
    ['without a subject', () => ({ claims: { sub: undefined } })],
    ['that belongs to another access token', () => ({ claims: { at_hash: halfHash('another') } })],
    ['D10: that is encrypted, and bombs', () => ({ idToken: [...'aaaaa'].join('.') })],
    ['that is none', () => ({ idToken: 'nonsense' })],
  ])('%s signs nobody in', async (_, said) => {
    await expect(claims(await said())).rejects.toMatchObject(refused());
    expect(issuer.asked.filter((asked) => asked.includes('other'))).toEqual([]);
  });

  it.each<[string, () => Said]>([
    ['half a minute away from our clock', () => ({ claims: { iat: now() + 25, nbf: now() + 25, exp: now() - 25 } })],
    ['that names its access token', () => ({ claims: { at_hash: halfHash('access') } })],
    ['for several, made for us', () => ({ claims: { aud: [CLIENT, 'elsewhere'], azp: CLIENT } })],
  ])('%s is good', async (_, said) => {
    await expect(claims(said())).resolves.toMatchObject({ sub: 'subject-1' });
  });

  it('signed in a way that both know the secret of is refused even where the provider says that it does so', async () => {
    issuer.metadata = { id_token_signing_alg_values_supported: ['HS256', 'none', 'ES256'] };
    await expect(claims({ header: { alg: 'HS256' }, key: Buffer.from(issuer.clientSecret.padEnd(64, 'x')) })).rejects.toMatchObject(
      refused(),
    );
    await expect(claims({ idToken: unsigned('none') })).rejects.toMatchObject(refused());
    await expect(claims()).resolves.toMatchObject({ sub: 'subject-1' });
  });
});

describe('what comes back by way of the browser', () => {
  it.each<[string, Partial<AuthorizationAnswer>]>([
    ['another state', { state: 'state-2' }],
    ['mix-up: another issuer', { iss: 'https://elsewhere.example' }],
    ['mix-up: no issuer, although the provider says that it sends one', { iss: undefined }],
    ['a code that nobody gave', { code: 'nonsense' }],
    ['a code with more parameters in it', { code: 'x&redirect_uri=https://elsewhere.example' }],
  ])('is refused with %s', async (_, spoil) => {
    await expect(claims({}, spoil)).rejects.toMatchObject(refused());
  });

  it('is redeemed only with the verifier of who began', async () => {
    const flow = flowOf();
    const answer = issuer.answerTo(await protocol.authorizationUrl(flow));
    await expect(protocol.claimsFor({ ...flow, verifier: 'w'.repeat(43) }, answer)).rejects.toMatchObject(refused());
  });

  it('is redeemed once', async () => {
    const flow = flowOf();
    const answer = issuer.answerTo(await protocol.authorizationUrl(flow));
    await protocol.claimsFor(flow, answer);
    await expect(protocol.claimsFor(flow, answer)).rejects.toMatchObject(refused());
  });
});

describe('a provider', () => {
  it.each<[string, () => Readonly<Record<string, unknown>>]>([
    ['calls itself something else', () => ({ issuer: 'https://elsewhere.example' })],
    ['calls itself the same with a slash', () => ({ issuer: `${issuer.issuer}/` })],
    ['wants its users to go where nothing is encrypted', () => ({ authorization_endpoint: 'http://127.0.0.1/authorize' })],
    ['has no place to go', () => ({ authorization_endpoint: undefined })],
    ['has a text for an address', () => ({ authorization_endpoint: 'nonsense' })],
    ['has a script for an address', () => ({ authorization_endpoint: 'javascript:alert(1)' })],
  ])('that %s is not believed', async (_, metadata) => {
    issuer.metadata = metadata();
    await expect(protocol.authorizationUrl(flowOf())).rejects.toMatchObject(unreachable);
  });

  it.each<[string, string]>([
    ['/.well-known/openid-configuration', 'http://169.254.169.254/latest/meta-data'],
    ['/.well-known/openid-configuration', 'https://169.254.169.254/'],
    ['/jwks', 'https://127.0.0.1:1/jwks'],
    ['/token', 'https://127.0.0.1:1/token'],
    ['/userinfo', 'https://127.0.0.1:1/userinfo'],
  ])('D16: that answers at %s with a redirect to %s is not followed', async (path, location) => {
    issuer.spoiled.set(path, { status: 307, headers: { location } });
    await expect(claims({}, {}, flowOf(record({ userinfo: true })))).rejects.toMatchObject({
      code: expect.stringMatching(/^(issuer_unreachable|sign_in_refused)$/),
    });
    expect(issuer.asked.filter((asked) => asked.endsWith(path))).toHaveLength(1);
  });

  it.each<[string, string]>([
    ['jwks_uri', 'https://169.254.169.254/jwks'],
    ['jwks_uri', 'http://127.0.0.1/jwks'],
    ['token_endpoint', 'https://169.254.169.254/token'],
    ['token_endpoint', 'http://127.0.0.1/token'],
  ])('D16: whose %s is %s gets no further', async (name, value) => {
    issuer.metadata = { [name]: value };
    await expect(claims()).rejects.toMatchObject({ code: expect.stringMatching(/^(issuer_unreachable|sign_in_refused)$/) });
  });

  it.each<[string, object]>([
    ['text', { body: 'nonsense' }],
    ['a list', { body: [] }],
    ['another kind', { body: '{}', headers: { 'content-type': 'text/html' } }],
    ['no body', { status: 204 }],
    ['too much', { body: ' '.repeat(300_000) }],
  ])('whose answers are %s signs nobody in, and is quoted nowhere', async (_, answer) => {
    for (const path of ['/.well-known/openid-configuration', '/jwks', '/token']) {
      issuer.spoiled.clear();
      issuer.spoiled.set(path, answer);
      const error: unknown = await claims({}, {}, flowOf(record())).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: expect.stringMatching(/^(issuer_unreachable|sign_in_refused)$/) });
      expect(error).not.toHaveProperty('cause');
    }
  });

  it('is reached only where its own CA vouches for it', async () => {
    const { ca: _, ...settings } = record();
    await expect(protocol.authorizationUrl(flowOf(settings))).rejects.toMatchObject(unreachable);
    const other = await FakeIssuer.start();
    await expect(protocol.authorizationUrl(flowOf(record({ ca: other.authority.pem })))).rejects.toMatchObject(unreachable);
    await other[Symbol.asyncDispose]();
    expect(issuer.asked).toEqual([]);
  });
});

function otherKey() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

function halfHash(token: string): string {
  return createHash('sha256').update(token).digest().subarray(0, 16).toString('base64url');
}
