import { describe, expect, it } from 'vitest';
import { TokenIssuer, writeToken } from '../../../../test/support/token-issuer.ts';
import { readToken } from './json-web-token.ts';

const issuer = new TokenIssuer();
const good = issuer.token({ sub: 'w1', aud: 'holdfast' });
const malformed = expect.objectContaining({ defect: 'malformed_jwt' });

describe('a token', () => {
  it('is taken apart into what it says of itself', () => {
    expect(readToken(good)).toMatchObject({ algorithm: 'ES256', claims: { iss: issuer.url, sub: 'w1', aud: 'holdfast' } });
  });

  it('D14: has one id, however its signature is written', () => {
    const [header, payload] = good.split('.');
    expect(readToken(`${header}.${payload}.AAAA`).id).toBe(readToken(good).id);
    expect(readToken(issuer.token({ sub: 'w2' })).id).not.toBe(readToken(good).id);
  });

  it('D14: is refused with stray bits at the end of a part', () => {
    const parts = good.split('.');
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const signature = parts[2] ?? '';
    const stray = alphabet[alphabet.indexOf(signature.at(-1) ?? '') + 1] ?? '';
    expect(() => readToken([parts[0], parts[1], signature.slice(0, -1) + stray].join('.'))).toThrow(malformed);
  });

  it.each([
    ['D1: without a signature', good.replace(/[^.]+$/, '')],
    ['D1: of two parts', good.replace(/\.[^.]+$/, '')],
    ['of five parts: it is encrypted', `${good}.AAAA.AAAA`],
    ['with padding', `${good}=`],
    ['with a line end', `${good}\n`],
    ['of nothing', ''],
    ['beyond 16 KiB', issuer.token({ filler: 'x'.repeat(16_384) })],
    ['whose header is no JSON', `eyJ9.${good.split('.').slice(1).join('.')}`],
    ['whose header is a list', writeToken([] as never, {}, issuer.signature)],
    ['whose payload is a text', writeToken({ alg: 'ES256' }, '"iss"', issuer.signature)],
    ['whose payload is null', writeToken({ alg: 'ES256' }, 'null', issuer.signature)],
    ['that names a claim twice', writeToken({ alg: 'ES256' }, '{"sub":"w1","sub":"w2"}', issuer.signature)],
    ['that names a claim twice, further in', writeToken({ alg: 'ES256' }, '{"a":{"b":[{"c":1,"\\u0063":2}]}}', issuer.signature)],
    ['whose algorithm is no text', writeToken({ alg: ['ES256'] }, {}, issuer.signature)],
    ['whose algorithm is left out', writeToken({}, {}, issuer.signature)],
    ['that is an access token', issuer.token({}, { typ: 'at+jwt' })],
    ['that is a security event', issuer.token({}, { typ: 'secevent+jwt' })],
  ])('%s is refused', (_what, text) => {
    expect(() => readToken(text)).toThrow(malformed);
  });

  it.each(['jwk', 'jku', 'x5c', 'x5u', 'crit', 'b64', 'zip', 'enc'])('D5, D10: is refused with the header %s, whatever it says', (name) => {
    expect(() => readToken(issuer.token({}, { [name]: name === 'jwk' ? issuer.jwk : 'https://127.0.0.1/' }))).toThrow(malformed);
  });

  it('names claims that look like keys in its values', () => {
    const { claims } = readToken(writeToken({ alg: 'ES256', typ: 'jwt' }, '{"a":"\\"b\\":", ":c" : {"d":[]}, "e":"x"}', issuer.signature));
    expect(claims).toEqual({ a: '"b":', ':c': { d: [] }, e: 'x' });
  });

  it('D11: of a megabyte of dots costs nothing', () => {
    const before = process.cpuUsage().user;
    for (let time = 0; time < 1_000; time++) expect(() => readToken('.'.repeat(1 << 20))).toThrow(malformed);
    expect(process.cpuUsage().user - before).toBeLessThan(1_000_000);
  });
});
