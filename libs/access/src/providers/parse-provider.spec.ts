import { beforeAll, describe, expect, it } from 'vitest';
import { TestAuthority } from '../../../../test/support/certificates.ts';
import { parseProvider, type ProviderInput } from './parse-provider.ts';

const INPUT: ProviderInput = {
  issuer: 'https://login.acme.example',
  clientId: 'holdfast',
  redirectUris: ['http://127.0.0.1/callback'],
  operator: 'corp-{sub}',
};

let pem: string;
let leaf: string;
beforeAll(async () => {
  const authority = await TestAuthority.root('issuers');
  pem = authority.pem;
  leaf = (await authority.server()).certificatePem;
});

const hintOf = (more: Partial<ProviderInput>): string | undefined => {
  try {
    parseProvider({ ...INPUT, ...more });
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_provider' });
    return (error as { hint: string }).hint;
  }
};

describe('a provider', () => {
  it('is public, asks for openid and gives no groups where nothing else is said', () => {
    expect(parseProvider(INPUT)).toEqual({ ...INPUT, clientAuth: 'basic', scopes: ['openid'], require: [], userinfo: false });
  });

  it('asks for openid once', () => {
    expect(parseProvider({ ...INPUT, scopes: ['email', 'openid', 'email'] }).scopes).toEqual(['openid', 'email']);
  });

  it.each([
    'https://login.acme.example',
    'https://acme.example/realms/one',
    'https://acme.example/',
    'https://127.0.0.1:4711',
    'https://[::1]',
  ])('may be %s', (issuer) => {
    expect(hintOf({ issuer })).toBeUndefined();
  });

  it.each([
    'http://login.acme.example',
    'https://LOGIN.acme.example',
    'https://login.acme.example.',
    'https://login.acme.example:443',
    'https://user@login.acme.example',
    'https://login.acme.example?x=1',
    'https://login.acme.example#x',
    'https://login.acme.example/a/../b',
    'https://login.acme.example/%2e%2e/b',
    'https://l\u00f6gin.acme.example',
    'https://0x7f.1',
    'https://127.1',
    'https://[::ffff:127.0.0.1]',
    ' https://login.acme.example',
    'file:///etc/passwd',
    'login.acme.example',
  ])('C31: is never %j', (issuer) => {
    expect(hintOf({ issuer })).toMatch(/^issuer: /);
  });

  it('pins CA certificates and nothing else', () => {
    expect(hintOf({ ca: pem })).toBeUndefined();
    expect(hintOf({ ca: `${pem}\n${pem}` })).toBeUndefined();
    for (const ca of [
      leaf,
      `${pem}${leaf}`,
      `${pem} and more`,
      `before ${pem}`,
      pem.slice(0, -40),
      'nonsense',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
    ])
      expect(hintOf({ ca })).toMatch(/^ca: /);
  });

  it('says which part of it is wrong', () => {
    expect(hintOf({ redirectUris: ['http://evil.example/'] })).toMatch(/^redirectUris: /);
    expect(hintOf({ scopes: ['a b'] })).toMatch(/^scopes: /);
    expect(hintOf({ operator: 'olga' })).toMatch(/^operator: /);
    for (const group of ['Admins', '', 'a b', 'group:admins', '__proto__'])
      expect(hintOf({ groups: { claim: 'groups', map: [{ value: 'x', group }] } })).toMatch(/^groups: /);
  });
});
