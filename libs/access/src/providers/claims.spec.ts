import { assert, jsonValue, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimantOf, type Claims } from './claims.ts';
import type { ProviderSettings } from './provider-record.ts';

const PROVIDER: ProviderSettings = {
  issuer: 'https://login.acme.example',
  clientId: 'holdfast',
  clientAuth: 'basic',
  redirectUris: [],
  scopes: [],
  operator: '{preferred_username}',
  require: [{ claim: 'hd', anyOf: ['acme.example', 'acme.test'] }],
  groups: {
    claim: 'groups',
    map: [
      { value: 'hf-admins', group: 'admins' },
      { value: 'hf-root', group: 'admins' },
      { value: 'hf-readers', group: 'readers' },
    ],
  },
  secondFactor: { acr: ['phrh'], amr: ['otp', 'hwk'] },
  userinfo: false,
};
const CLAIMS: Claims = { sub: 's1', preferred_username: 'olga', hd: 'acme.example' };

const who = (claims: Claims, provider: Partial<ProviderSettings> = {}) =>
  claimantOf({ ...PROVIDER, ...provider }, { ...CLAIMS, ...claims });
const refused = expect.objectContaining({ code: 'sign_in_refused' });

describe('what a provider says of somebody', () => {
  it('makes an operator, without groups and with one factor where it says no more', () => {
    expect(who({})).toEqual({ subject: 's1', operator: 'olga', groups: [], factors: 1 });
  });

  it.each([undefined, null, '', 7, {}, ['s1'], 'x'.repeat(256)])('makes nobody of the subject %j', (sub) => {
    expect(() => who({ sub })).toThrow(refused);
  });

  it.each<[unknown, boolean]>([
    ['acme.example', true],
    [['evil.example', 'acme.test'], true],
    ['ACME.example', false],
    ['acme.example.evil.example', false],
    [undefined, false],
    [{ 'acme.example': true }, false],
    [[['acme.example']], false],
  ])('D17: with the claim %j it fulfils the condition: %s', (hd, fulfils) => {
    if (fulfils) expect(who({ hd }).operator).toBe('olga');
    else expect(() => who({ hd })).toThrow(refused);
  });

  it('has to fulfil every condition', () => {
    const require = [...PROVIDER.require, { claim: 'email_verified', anyOf: ['true'] }];
    expect(() => who({}, { require })).toThrow(refused);
    expect(who({ email_verified: true }, { require }).operator).toBe('olga');
  });

  it('makes a name of an address only once that is verified', () => {
    const operator = '{email}';
    expect(who({ email: 'olga@acme.example', email_verified: true }, { operator }).operator).toBe('olga@acme.example');
    for (const email_verified of [false, undefined, 'true', 1])
      expect(() => who({ email: 'olga@acme.example', email_verified }, { operator })).toThrow(refused);
  });

  it.each<[unknown, readonly string[]]>([
    [['hf-admins', 'hf-root', 'elsewhere'], ['admins']],
    [
      ['hf-readers', 'hf-admins'],
      ['admins', 'readers'],
    ],
    ['hf-readers', ['readers']],
    [['admins', 'HF-ADMINS', 'hf-admins '], []],
    [{ 'hf-admins': true }, []],
    [[['hf-admins']], []],
    [undefined, []],
    [[...Array.from({ length: 1_000 }, (_, at) => `g${at}`), 'hf-admins'], []],
  ])('puts %j into the groups %j, which are on the list', (groups, expected) => {
    expect(who({ groups }).groups).toEqual(expected);
  });

  it.each<[Claims, 1 | 2]>([
    [{ amr: ['pwd', 'otp'] }, 2],
    [{ acr: 'phrh' }, 2],
    [{ amr: ['pwd'], acr: '1' }, 1],
    [{ amr: 'mfa' }, 1],
    [{ acr: ['otp'] }, 1],
    [{}, 1],
  ])('counts the factors of %j as %i', (claims, factors) => {
    expect(who(claims).factors).toBe(factors);
  });

  it('says two factors of nobody where the record says nothing of them', () => {
    expect(who({ amr: ['otp', 'mfa'], acr: 'phrh' }, { secondFactor: undefined }).factors).toBe(1);
  });

  it('looks for no claim but in the object itself', () => {
    for (const claim of ['constructor', '__proto__', 'toString'])
      expect(() => who({}, { require: [{ claim, anyOf: ['function', 'true', '[object Object]'] }] })).toThrow(refused);
  });

  it('gives nobody a group or a factor that the record does not, whatever it is told', () => {
    assert(
      property(jsonValue(), jsonValue(), jsonValue(), (groups, acr, amr) => {
        const { groups: got, factors } = who({ groups, acr, amr });
        expect(['admins', 'readers']).toEqual(expect.arrayContaining([...got]));
        expect([1, 2]).toContain(factors);
      }),
    );
  });

  it('quotes none of it in what it throws', () => {
    for (const claims of [{ sub: undefined }, { hd: 'CANARY' }, { preferred_username: 'CANARY!' }]) {
      const thrown: unknown = [() => who(claims)].map((step) => attempt(step))[0];
      expect(JSON.stringify([thrown, (thrown as Error).message])).not.toContain('CANARY');
    }
  });
});

function attempt(step: () => unknown): unknown {
  try {
    return step();
  } catch (error) {
    return error;
  }
}
