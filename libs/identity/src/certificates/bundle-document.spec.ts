import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { TestAuthority, x509 } from '../../../../test/support/certificates.ts';
import { readBundle, spiffeDocument, type SpiffeDocument } from './bundle-document.ts';

const DOMAIN = 'a.example';

let root: TestAuthority;
let rsa: TestAuthority;
beforeAll(async () => {
  [root, rsa] = await Promise.all([TestAuthority.root('root'), TestAuthority.root('rsa', { key: 'RSA-2048' })]);
});

function keyOf(authority: TestAuthority, more: object = {}): Record<string, unknown> {
  return { ...spiffeDocument([authority.certificate], 1, 1).keys[0], ...more };
}

function read(jwks: SpiffeDocument) {
  return readBundle({ jwks }, DOMAIN);
}

const refused = (hint: unknown): unknown => expect.objectContaining({ code: 'trust_bundle_refused', hint });

describe('a trust bundle in PEM', () => {
  it('is its certificates, each once, whatever is written around them', () => {
    const pem = `# roots\n${root.pem}\n\n${rsa.pem}\n${root.pem}`;
    expect(readBundle({ pem }, DOMAIN).certificates.map(String)).toEqual([root.certificate, rsa.certificate].map(String));
  });

  it.each<[string, () => Promise<string> | string, string]>([
    ['without a certificate', () => 'nothing', 'PEM holds certificates and nothing else'],
    ['with a private key', () => root.own.privateKeyPem, 'it holds a private key, which is now known elsewhere'],
    ['with a public key', () => root.own.publicKey.export({ type: 'spki', format: 'pem' }), 'PEM holds certificates and nothing else'],
    ['that is no DER', () => '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'certificate 1: malformed'],
    ['with a leaf', async () => root.pem + (await root.workload('spiffe://a.example/w')).certificatePem, 'certificate 2: ca_not_a_ca'],
    ['with a weak key', async () => (await TestAuthority.root('weak', { key: 'RSA-1024' })).pem, 'certificate 1: ca_weak_key'],
    [
      'of a CA that may not sign',
      async () => (await TestAuthority.root('x', { keyUsage: ['cRLSign'] })).pem,
      'certificate 1: ca_wrong_key_usage',
    ],
    ['of a CA of another trust domain', async () => (await TestAuthority.root('x', { uris: ['spiffe://b.example'] })).pem, 'certificate 1: ca_wrong_trust_domain'], // prettier-ignore
    [
      'of an intermediate without its root',
      async () => (await root.intermediate('i')).pem,
      'certificate 1: its issuer is not in the bundle',
    ],
    [
      'with a critical extension that nobody knows',
      async () => (await TestAuthority.root('x', { extensions: [new x509.Extension('1.2.3.4', true, Buffer.from('0500', 'hex'))] })).pem,
      'certificate 1: ca_unknown_critical_extension',
    ],
  ])('%s is refused', async (_what, make, hint) => {
    const pem = await make();
    expect(() => readBundle({ pem }, DOMAIN)).toThrow(refused(hint));
  });

  it('may hold an intermediate beside its root', async () => {
    const pem = (await root.intermediate('i')).pem + root.pem;
    expect(readBundle({ pem }, DOMAIN).certificates).toHaveLength(2);
  });

  it('holds at most 32 certificates', async () => {
    const roots = await Promise.all(Array.from({ length: 33 }, (_, at) => TestAuthority.root(`root ${at}`)));
    expect(() => readBundle({ pem: roots.map(({ pem }) => pem).join('\n') }, DOMAIN)).toThrow(refused('at most 32 certificates'));
  });

  it('may hold a CA that has ended: its dates count when something is checked', async () => {
    const { pem } = await TestAuthority.root('old', { notAfter: new Date(Date.now() - 1000) });
    expect(readBundle({ pem }, DOMAIN).certificates).toHaveLength(1);
  });
});

describe('a SPIFFE bundle document', () => {
  it('is read as it is written, with its sequence and its refresh hint', () => {
    const document = spiffeDocument([root.certificate, rsa.certificate], 7, 300);
    expect(document.keys).toMatchObject([
      { kty: 'EC', crv: 'P-256', use: 'x509-svid' },
      { kty: 'RSA', use: 'x509-svid' },
    ]);
    const { certificates, sequence, refreshHint } = read(document);
    expect([certificates.map(String), sequence, refreshHint]).toEqual([[root.certificate, rsa.certificate].map(String), 7, 300]);
  });

  it('may hold keys for JWTs and others that nobody knows, which are let be', () => {
    const keys = [keyOf(root), { kty: 'RSA', use: 'jwt-svid', kid: 'k', n: 'AQAB', e: 'AQAB' }, { kty: 'OKP' }, { use: 'x509-svid' }];
    expect(read({ keys }).certificates).toHaveLength(1);
  });

  it('without keys trusts nobody', () => {
    expect(read({ keys: [] }).certificates).toEqual([]);
  });

  it.each<[string, () => SpiffeDocument, string]>([
    ['whose key has no certificate', () => ({ keys: [keyOf(root, { x5c: undefined })] }), 'key 1: x5c is one certificate'],
    ['whose key has two certificates', () => ({ keys: [keyOf(root, { x5c: ['AA==', 'AA=='] })] }), 'key 1: x5c is one certificate'],
    ['whose certificate is none', () => ({ keys: [keyOf(root), keyOf(rsa, { x5c: ['AAAA'] })] }), 'certificate 2: malformed'],
    [
      'whose key is not that of its certificate',
      () => ({ keys: [{ ...keyOf(root), x5c: keyOf(rsa)['x5c'] }] }),
      'key 1: not the key of its certificate',
    ],
  ])('%s is refused', (_what, make, hint) => {
    expect(() => read(make())).toThrow(refused(hint));
  });

  it('is read or refused, and nothing else, whatever is in it', () => {
    const key = fc.record({ kty: fc.constantFrom('EC', 'RSA', 'x'), use: fc.constant('x509-svid'), x5c: fc.anything(), n: fc.anything() });
    fc.assert(
      fc.property(fc.array(key, { maxLength: 3 }), (keys) => {
        if (keys.length === 0) expect(read({ keys }).certificates).toEqual([]);
        else expect(() => read({ keys })).toThrow(expect.objectContaining({ code: 'trust_bundle_refused' }));
      }),
    );
  });
});
