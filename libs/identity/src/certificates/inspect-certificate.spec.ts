import { beforeAll, describe, expect, it } from 'vitest';

import { TestAuthority, x509, type CertificateOptions } from '../../../../test/support/certificates.ts';
import type { CertificateDefect } from './certificate-defect.ts';
import { inspectCertificate } from './inspect-certificate.ts';

const ID = 'spiffe://td/ns/a/sa/w1';
const NOW = new Date('2026-06-01T12:00:00Z');
const DATES = { notBefore: new Date('2026-06-01T11:00:00Z'), notAfter: new Date('2026-06-01T13:00:00Z') };

let root: TestAuthority;
beforeAll(async () => {
  root = await TestAuthority.root('root', DATES);
});

async function inspect(options: CertificateOptions, id = ID) {
  return inspectCertificate((await root.workload(id, { ...DATES, ...options })).certificate, NOW);
}

describe('a client certificate', () => {
  it('is the workload that its one URI names', async () => {
    const { certificate } = await root.workload(ID, { ...DATES, serialNumber: '4a00ff' });
    expect(inspectCertificate(certificate, NOW)).toEqual({
      ok: true,
      spiffeId: { trustDomain: 'td', path: '/ns/a/sa/w1', text: ID },
      fingerprint: `sha256:${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`,
      serial: '4a00ff',
      notBefore: DATES.notBefore.getTime(),
      notAfter: DATES.notAfter.getTime(),
    });
  });

  it.each<[string, CertificateOptions]>([
    ['with DNS names beside its URI', { dns: ['a.example'] }],
    ['without an extended key usage', { extKeyUsage: null }],
    ['for clients only', { extKeyUsage: ['clientAuth'] }],
    ['that agrees keys, too', { keyUsage: ['digitalSignature', 'keyAgreement'] }],
    ['with a subject', { subject: [{ CN: ['w1'] }] }],
    ['on P-384', { key: 'P-384' }],
    ['on Ed25519', { key: 'Ed25519' }],
    ['on RSA with 2048 bits', { key: 'RSA-2048' }],
    ['in its first second', { notBefore: NOW }],
    ['in its last second', { notAfter: NOW }],
    ['beyond 2049', { notAfter: new Date('2051-01-01T00:00:00Z') }],
  ])('is accepted %s', async (_, options) => {
    expect(await inspect(options)).toMatchObject({ ok: true, spiffeId: { text: ID } });
  });

  it.each<[string, CertificateDefect, CertificateOptions]>([
    ['without a subject alternative name', 'no_uri_san', { uris: [] }],
    ['with a DNS name only', 'no_uri_san', { uris: [], dns: ['a.example'] }],
    ['with two URIs', 'several_uri_sans', { uris: [ID, 'spiffe://td/ns/a/sa/w2'] }],
    ['with the same URI twice', 'several_uri_sans', { uris: [ID, ID] }],
    ['with a second URI that is no SPIFFE ID', 'several_uri_sans', { uris: [ID, 'https://a.example/'] }],
    ['with a URI that is no SPIFFE ID', 'invalid_spiffe_id', { uris: ['https://a.example/'] }],
    ['of the root of a trust domain', 'invalid_spiffe_id', { uris: ['spiffe://td'] }],
    ['with an upper-case trust domain', 'invalid_spiffe_id', { uris: ['spiffe://TD/ns/a/sa/w1'] }],
    ['with a NUL in its URI', 'invalid_spiffe_id', { uris: [`${ID}\0.example`] }],
    ['with a path that climbs', 'invalid_spiffe_id', { uris: ['spiffe://td/ns/a/../b'] }],
    ['with percent-encoding in its URI', 'invalid_spiffe_id', { uris: ['spiffe://td/ns%2fa'] }],
    ['of a CA', 'is_ca', { ca: true }],
    ['of a CA with its usages', 'is_ca', { ca: true, keyUsage: ['digitalSignature', 'keyCertSign'] }],
    ['a second before its time', 'not_yet_valid', { notBefore: new Date(NOW.getTime() + 1000) }],
    ['a second after its time', 'expired', { notAfter: new Date(NOW.getTime() - 1000) }],
    ['without a key usage', 'wrong_key_usage', { keyUsage: null }],
    ['with a key usage that is not critical', 'wrong_key_usage', { keyUsageCritical: false }],
    ['that may not sign', 'wrong_key_usage', { keyUsage: ['keyAgreement'] }],
    ['that may sign certificates', 'wrong_key_usage', { keyUsage: ['digitalSignature', 'keyCertSign'] }],
    ['that may sign revocation lists', 'wrong_key_usage', { keyUsage: ['digitalSignature', 'cRLSign'] }],
    ['for servers only', 'wrong_extended_key_usage', { extKeyUsage: ['serverAuth'] }],
    ['for signing code', 'wrong_extended_key_usage', { extKeyUsage: ['codeSigning'] }],
    ['on RSA with 1024 bits', 'weak_key', { key: 'RSA-1024' }],
    ['on a curve that is not accepted', 'weak_key', { key: 'secp256k1' }],
    [
      'with a critical extension that nobody knows',
      'unknown_critical_extension',
      { extensions: [new x509.Extension('1.2.3.4', true, Buffer.from('0500', 'hex'))] },
    ],
    ['with an extension twice', 'malformed', { extensions: [new x509.BasicConstraintsExtension(false)] }],
    ['with thousands of names', 'malformed', { dns: Array.from({ length: 2000 }, (_, i) => `${i}.a.example`) }],
  ])('is refused %s: %s', async (_, defect, options) => {
    expect(await inspect(options)).toEqual({ ok: false, defect });
  });

  it('is not the workload that a DNS name spells (CVE-2021-44532)', async () => {
    const other = 'spiffe://td/ns/a/sa/w2';
    expect(await inspect({ dns: [`a.example, URI:${other}`] })).toMatchObject({ spiffeId: { text: ID } });
    expect(await inspect({ uris: [], dns: [`a.example, URI:${other}`] })).toEqual({ ok: false, defect: 'no_uri_san' });
  });

  it('is not the workload that its subject spells (CVE-2021-44533)', async () => {
    const subject = [{ CN: [`x\nURI:spiffe://td/ns/a/sa/w2`] }, { CN: ['root-op'] }];
    expect(await inspect({ subject })).toMatchObject({ spiffeId: { text: ID } });
    expect(await inspect({ subject, uris: [] })).toEqual({ ok: false, defect: 'no_uri_san' });
  });

  it('is read in far less than a tenth of a millisecond', async () => {
    const { certificate } = await root.workload(ID, DATES);
    inspectMany(certificate, 500);
    expect(inspectMany(certificate, 2000)).toBeLessThan(0.1);
  });
});

/** Milliseconds of processor time a certificate. */
function inspectMany(certificate: Parameters<typeof inspectCertificate>[0], times: number): number {
  const started = process.cpuUsage();
  for (let i = 0; i < times; i += 1) inspectCertificate(certificate, NOW);
  return process.cpuUsage(started).user / 1000 / times;
}
