import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';

import { beforeAll, describe, expect, it } from 'vitest';

import { makeRequest, TestAuthority } from '../../../../test/support/certificates.ts';
import { CertificateAuthority, type IssuingMaterial, type Lifetime } from './certificate-authority.ts';
import { checkCertificateRequest } from './certificate-request.ts';
import { systemClock, type Clock } from '../clock.ts';
import { inspectCertificate } from './inspect-certificate.ts';
import { parseSpiffeId } from './spiffe-id.ts';
import { TrustBundle } from './trust-bundle.ts';

const NOW = new Date('2026-06-01T12:00:00.750Z');
const clock: Clock = { now: () => NOW };
const ID = 'spiffe://acme.internal/ns/a/sa/w1';

let material: IssuingMaterial;
let authority: CertificateAuthority;
beforeAll(async () => {
  material = await CertificateAuthority.create('acme.internal', clock);
  authority = new CertificateAuthority(material, clock);
});

async function issue(lifetime: Lifetime = { seconds: 3600 }) {
  const { publicKeySpki } = await checkCertificateRequest((await makeRequest(ID)).csrPem);
  const request = { publicKeySpki, spiffeId: parseSpiffeId(ID) };
  const issued = await authority.issue(request, lifetime);
  return { ...issued, request, leaf: new X509Certificate(issued.chainPem) };
}

describe('the issuing CA', () => {
  it('knows its trust domain from its certificate', () => {
    expect(authority.trustDomain).toBe('acme.internal');
  });

  it('issues what passes the check of clients, and its bundle anchors', async () => {
    const { leaf, request } = await issue();
    expect(inspectCertificate(leaf, NOW)).toMatchObject({ ok: true, spiffeId: request.spiffeId });
    expect(new TrustBundle('acme.internal', [new X509Certificate(material.certificatePem)]).examine([leaf], NOW).ok).toBe(true);
    expect(leaf.publicKey.export({ format: 'der', type: 'spki' })).toEqual(request.publicKeySpki);
  });

  it('issues for as long as asked, from a little before now', async () => {
    const { leaf, notAfter } = await issue({ seconds: 3600 });
    expect(leaf.validFromDate).toEqual(new Date('2026-06-01T11:59:30Z'));
    expect(leaf.validToDate).toEqual(new Date('2026-06-01T13:00:00Z'));
    expect(notAfter).toEqual(leaf.validToDate);
  });

  it('issues nothing that begins before it may', async () => {
    const { leaf } = await issue({ seconds: 3600, notBefore: new Date('2026-06-01T12:00:01.200Z') });
    expect(leaf.validFromDate).toEqual(new Date('2026-06-01T12:00:01Z'));
    const { leaf: later } = await issue({ seconds: 3600, notBefore: new Date('2026-05-01T00:00:00Z') });
    expect(later.validFromDate).toEqual(new Date('2026-06-01T11:59:30Z'));
  });

  it('issues nothing that outlives it', async () => {
    const { leaf } = await issue({ seconds: 100 * 365 * 86_400 });
    expect(leaf.validToDate).toEqual(new X509Certificate(material.certificatePem).validToDate);
  });

  it('gives every certificate a positive serial of its own with 20 octets', async () => {
    const serials = await Promise.all(Array.from({ length: 20 }, async () => (await issue()).leaf.serialNumber));
    expect(new Set(serials).size).toBe(20);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{39}$/);
  });

  it('issues in no other trust domain', async () => {
    const { publicKeySpki } = await checkCertificateRequest((await makeRequest(ID)).csrPem);
    const request = { publicKeySpki, spiffeId: parseSpiffeId('spiffe://other/a') };
    await expect(authority.issue(request, { seconds: 60 })).rejects.toMatchObject({ code: 'invalid_trust_domain' });
  });

  it('can sign no CA below it', async () => {
    expect(new X509Certificate(material.certificatePem).toLegacyObject().ca).toBe(true);
    const bundle = new TrustBundle('acme.internal', [new X509Certificate(material.certificatePem)]);
    const { leaf } = await issue();
    expect(bundle.examine([leaf], NOW).ok).toBe(true);
    expect(leaf.ca).toBe(false);
  });

  it('does not take another CA for its own', async () => {
    const other = await CertificateAuthority.create('acme.internal', clock);
    const root = await TestAuthority.root('root');
    const mixed = { ...material, certificatePem: other.certificatePem };
    expect(() => new CertificateAuthority(mixed, clock)).toThrow(expect.objectContaining({ code: 'invalid_trust_bundle' }));
    expect(() => new CertificateAuthority({ ...material, certificatePem: root.pem }, clock)).toThrow(
      expect.objectContaining({ code: 'invalid_trust_bundle' }),
    );
  });

  it('certifies a server that a client accepts by name and address, and that is no client', async () => {
    const real = await CertificateAuthority.create('acme.internal', systemClock);
    const { publicKey, privateKeyPem } = await makeRequest(ID);
    const publicKeySpki = publicKey.export({ format: 'der', type: 'spki' });
    const names = ['localhost', '127.0.0.1'];
    const { chainPem } = await new CertificateAuthority(real, systemClock).issueServer({ publicKeySpki, names }, { seconds: 60 });
    expect(inspectCertificate(new X509Certificate(chainPem), new Date())).toEqual({ ok: false, defect: 'no_uri_san' });
    expect(await connects({ key: privateKeyPem, cert: chainPem }, real.certificatePem)).toBe(true);
  });
});

async function connects(credentials: { key: string; cert: string }, ca: string): Promise<boolean> {
  const server = createServer(credentials).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ca });
  await once(socket, 'secureConnect');
  const { authorized } = socket;
  socket.destroy();
  server.close();
  return authorized;
}
