import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hmacWith, TokenIssuer, writeToken } from '../../../../test/support/token-issuer.ts';
import { IssuerKeys, readKeySet } from './issuer-keys.ts';
import { readToken } from './json-web-token.ts';

const issuer = new TokenIssuer();
const other = new TokenIssuer(issuer.url, 'key-2');
const keys = new IssuerKeys(readKeySet({ keys: [issuer.jwk, other.jwk] }));
const badSignature = { defect: 'bad_signature' };
const verify = (text: string, by = keys): Promise<void> => by.verify(readToken(text));

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed = generateKeyPairSync('ed25519');
const jwkOf = (key: typeof ed.publicKey) => key.export({ format: 'jwk' });

describe('the keys of an issuer', () => {
  it('accept what one of them has signed', async () => {
    await expect(verify(issuer.token({}))).resolves.toBeUndefined();
    await expect(verify(other.token({}))).resolves.toBeUndefined();
  });

  it.each([
    ['by somebody else, under its name', new TokenIssuer(issuer.url).token({})],
    ["by one of them, under another's name", issuer.token({}, { kid: 'key-2' })],
    ['D5: by no key of the set', issuer.token({}, { kid: '../../dev/null' })],
    ['D5: by a key that is named like a query', issuer.token({}, { kid: "' OR 1=1" })],
    ['whose kid is no text', issuer.token({}, { kid: 1 })],
    ['where two may have, since it names none', issuer.token({}, { kid: undefined })],
    ['with another algorithm than its own', issuer.token({}, { alg: 'ES384' })],
    ['D1: with none', issuer.token({}, { alg: 'none' })],
    ['D1: with None', issuer.token({}, { alg: 'None' })],
    ['D1: with nOnE', issuer.token({}, { alg: 'nOnE' })],
  ])('refuse a token that was signed %s', async (_how, text) => {
    await expect(verify(text)).rejects.toMatchObject(badSignature);
  });

  it.each(['HS256', 'HS384', 'HS512'])('D2, D4: refuse %s with our public key, in every form, and with an empty secret', async (alg) => {
    const pem = issuer.publicKey.export({ format: 'pem', type: 'spki' });
    const der = issuer.publicKey.export({ format: 'der', type: 'spki' });
    for (const secret of [pem, pem.trim(), der, JSON.stringify(issuer.jwk), '']) {
      await expect(verify(writeToken({ alg, kid: issuer.kid }, {}, hmacWith(secret)))).rejects.toMatchObject(badSignature);
    }
  });

  it('refuse a token that was changed after it was signed', async () => {
    const [header = '', , signature = ''] = issuer.token({ sub: 'w1' }).split('.');
    const payload = Buffer.from('{"sub":"w2"}').toString('base64url');
    await expect(verify([header, payload, signature].join('.'))).rejects.toMatchObject(badSignature);
  });
});

describe('a key set', () => {
  it('is kept as public keys, each with the one algorithm that it is for', () => {
    const set = readKeySet({
      keys: [
        { ...jwkOf(rsa.publicKey), kid: 'a', use: 'sig', x5c: ['MII'], key_ops: ['verify'] },
        { ...jwkOf(rsa.publicKey), kid: 'b', alg: 'PS256' },
        { ...jwkOf(ed.publicKey), kid: 'c' },
        issuer.jwk,
      ],
    });
    expect(set.map(({ alg, kid }) => [alg, kid])).toEqual([['RS256', 'a'], ['PS256', 'b'], ['EdDSA', 'c'], ['ES256', 'key-1']]); // prettier-ignore
    expect(set.map((key) => Object.keys(key).toSorted().join(' '))).toEqual([
      'alg e kid kty n',
      'alg e kid kty n',
      'alg crv kid kty x',
      'alg crv kid kty x y',
    ]);
  });

  it('leaves out what is for encryption', () => {
    expect(readKeySet({ keys: [{ ...issuer.jwk, use: 'enc', kid: 'e' }, issuer.jwk] })).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no set', { keys: 'x' }],
    ['no key', { keys: [] }],
    ['a key that is none', { keys: [null] }],
    ['a private key', { keys: [{ ...rsa.privateKey.export({ format: 'jwk' }), kid: 'a' }] }],
    ['a private member beside a public key', { keys: [{ ...issuer.jwk, d: '' }] }],
    ['a secret', { keys: [{ kty: 'oct', k: 'AAAA', alg: 'HS256', kid: 'a' }] }],
    ['a short RSA key', { keys: [jwkOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)] }],
    ['a curve that is not accepted', { keys: [jwkOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)] }],
    ['a symmetric algorithm on a public key', { keys: [{ ...jwkOf(rsa.publicKey), alg: 'HS256' }] }],
    ['none', { keys: [{ ...jwkOf(rsa.publicKey), alg: 'none' }] }],
    ['the algorithm of another key', { keys: [{ ...jwkOf(rsa.publicKey), alg: 'ES256' }] }],
    ['two keys of one name', { keys: [issuer.jwk, { ...other.jwk, kid: issuer.kid }] }],
    ['a point that is not on its curve', { keys: [{ ...issuer.jwk, y: issuer.jwk['x'] }] }],
  ])('is refused with %s', (_what, jwks) => {
    expect(() => readKeySet(jwks)).toThrow(expect.objectContaining({ code: 'invalid_issuer' }));
  });
});
