import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { TestAuthority, x509, type CertificateOptions, type TestCertificate } from '../../../../test/support/certificates.ts';
import { inspectCertificate } from './inspect-certificate.ts';
import { presentedBy, TrustBundle, TrustBundles } from './trust-bundle.ts';

const ID = 'spiffe://a.example/w1';
const now = new Date();

let rootA: TestAuthority;
let rootB: TestAuthority;
let intermediateA: TestAuthority;
let bundleA: TrustBundle;
let bundleB: TrustBundle;

beforeAll(async () => {
  [rootA, rootB] = await Promise.all([TestAuthority.root('the same name'), TestAuthority.root('the same name')]);
  intermediateA = await rootA.intermediate('intermediate');
  bundleA = new TrustBundle('a.example', [rootA.certificate]);
  bundleB = new TrustBundle('b.example', [rootB.certificate]);
});

describe('a trust bundle', () => {
  it('anchors what its own CA signed, and nothing that another signed under the same name', async () => {
    const [ofA, ofB] = await Promise.all([rootA.workload(ID), rootB.workload(ID)]);
    expect([bundleA.examine([ofA.certificate], now).ok, bundleB.examine([ofA.certificate], now).ok]).toEqual([true, false]);
    expect([bundleA.examine([ofB.certificate], now).ok, bundleB.examine([ofB.certificate], now).ok]).toEqual([false, true]);
  });

  it('is not persuaded by a CA of its own that merely lies beside a foreign leaf', async () => {
    const { certificate } = await rootB.workload(ID);
    expect(bundleA.examine([certificate, rootA.certificate], now).ok).toBe(false);
    expect(bundleA.examine([certificate, intermediateA.certificate, rootA.certificate], now).ok).toBe(false);
    expect(bundleA.examine([certificate, (await rootA.workload(ID)).certificate], now).ok).toBe(false);
  });

  it('finds the way over intermediates in whatever order they come', async () => {
    const deeper = await intermediateA.intermediate('deeper');
    const { certificate } = await deeper.workload(ID);
    const [one, two] = [intermediateA.certificate, deeper.certificate];
    expect(bundleA.examine([certificate, two, one], now).ok).toBe(true);
    expect(bundleA.examine([certificate, one, rootB.certificate, two], now).ok).toBe(true);
    expect(bundleA.examine([certificate, one], now).ok).toBe(false);
    expect(bundleB.examine([certificate, two, one, rootA.certificate], now).ok).toBe(false);
  });

  it('takes an intermediate as an anchor', async () => {
    const bundle = new TrustBundle('a.example', [intermediateA.certificate]);
    expect(bundle.examine([(await intermediateA.workload(ID)).certificate], now).ok).toBe(true);
    expect(bundle.examine([(await rootA.workload(ID)).certificate], now).ok).toBe(false);
  });

  it('knows its old CA and its new one of the same name', async () => {
    const bundle = new TrustBundle('a.example', [rootB.certificate, rootA.certificate]);
    expect(bundle.examine([(await rootA.workload(ID)).certificate], now).ok).toBe(true);
  });

  it.each<[string, CertificateOptions]>([
    ['is no CA', { ca: false }],
    ['may not sign certificates', { keyUsage: ['digitalSignature'] }],
    ['has no key usage', { keyUsage: null }],
    ['has expired', { notAfter: new Date(now.getTime() - 1000) }],
    ['is not yet valid', { notBefore: new Date(now.getTime() + 60_000) }],
    ['is for servers only', { extKeyUsage: ['serverAuth'] }],
    ['carries empty name constraints', { extensions: [new x509.Extension('2.5.29.30', true, Buffer.from('3000', 'hex'))] }],
  ])('does not follow an intermediate that %s', async (_, options) => {
    const intermediate = await rootA.intermediate('intermediate', options);
    const { certificate } = await intermediate.workload(ID);
    expect(bundleA.examine([certificate, intermediate.certificate], now).ok).toBe(false);
  });

  it('keeps the path length that a CA allows', async () => {
    const root = await TestAuthority.root('root', { pathLength: 0 });
    const intermediate = await root.intermediate('intermediate');
    const bundle = new TrustBundle('a.example', [root.certificate]);
    expect(bundle.examine([(await root.workload(ID)).certificate], now).ok).toBe(true);
    expect(bundle.examine([(await intermediate.workload(ID)).certificate, intermediate.certificate], now).ok).toBe(false);
  });

  it('does not trust its own CA beyond its dates', async () => {
    const { certificate } = await rootA.workload(ID);
    expect(bundleA.examine([certificate], new Date('2099-01-01T00:00:00Z')).ok).toBe(false);
  });

  it('does not take a leaf for an anchor (CVE-2024-2048)', async () => {
    const { certificate } = await rootA.workload(ID);
    expect(() => new TrustBundle('a.example', [certificate])).toThrow(expect.objectContaining({ code: 'invalid_trust_bundle' }));
  });

  it('looks at no more of what a peer sends than a few certificates', async () => {
    const { certificate } = await intermediateA.workload(ID);
    const decoys = Array.from({ length: 50 }, () => rootB.certificate);
    expect(bundleA.examine([certificate, ...decoys, intermediateA.certificate], now).ok).toBe(false);
  });

  it('gives an answer on whatever Node takes for a certificate, and yes only to what its CA signed', async () => {
    const { certificate } = await intermediateA.workload(ID);
    const damaged = (from: X509Certificate, at: number, flip: number): X509Certificate | undefined => {
      const der = Buffer.from(from.raw);
      der.writeUInt8(der.readUInt8(at % der.length) ^ flip, at % der.length);
      return parsed(der);
    };
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const [leaf, issuer] = [damaged(certificate, at, flip), damaged(intermediateA.certificate, at, flip)];
        if (leaf) inspectCertificate(leaf, now);
        if (leaf) expect(bundleA.examine([leaf, intermediateA.certificate], now).ok).toBe(false);
        if (issuer) expect(bundleA.examine([certificate, issuer], now).ok).toBe(false);
        if (issuer) expect(bundleA.examine([certificate, issuer, intermediateA.certificate], now).ok).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('anchors nothing where nothing is presented', () => {
    expect(bundleA.examine([], now).ok).toBe(false);
  });
});

describe('the trust bundles', () => {
  it('are kept apart by trust domain, and pooled only for the listener', () => {
    const bundles = new TrustBundles([bundleA, bundleB]);
    expect(bundles.bundleFor('a.example')).toBe(bundleA);
    expect(bundles.bundleFor('A.example')).toBeUndefined();
    expect(bundles.pems().map((pem) => pem.trim())).toEqual([rootA.pem, rootB.pem].map((pem) => pem.trim()));
  });
});

describe('what Node tells of a verified peer', () => {
  it('is what the peer sent, in its order, and enough to find the anchor in the one right bundle', async () => {
    const [direct, over, foreign] = await Promise.all([rootA.workload(ID), intermediateA.workload(ID), rootB.workload(ID)]);
    const { pem } = intermediateA;
    const peers: [TestCertificate, string[], boolean, number][] = [
      [direct, [], true, 1],
      [direct, [rootA.pem], true, 2],
      [over, [pem], true, 2],
      [over, [rootA.pem, pem], true, 3],
      [foreign, [], false, 1],
      [foreign, [rootA.pem, pem], false, 3],
    ];
    for (const [leaf, sent, anchored, length] of peers) {
      const seen = await handshake(leaf, sent);
      expect(seen.authorized).toBe(true);
      expect(seen.presented).toHaveLength(length);
      expect(bundleA.examine(seen.presented, now).ok).toBe(anchored);
      expect(bundleB.examine(seen.presented, now).ok).toBe(!anchored);
    }
  });
});

function parsed(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

/** A real handshake with a server that pools both roots, as Node does. The client is given no CA: OpenSSL would send that, too. */
async function handshake(client: TestCertificate, sent: string[]) {
  const own = await rootA.server();
  const server = createServer({
    key: own.privateKeyPem,
    cert: own.certificatePem,
    ca: new TrustBundles([bundleA, bundleB]).pems(),
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const cert = [client.certificatePem, ...sent].join('\n');
  const socket = connect({ host: '127.0.0.1', port, key: client.privateKeyPem, cert, rejectUnauthorized: false });
  const [peer] = (await once(server, 'secureConnection')) as [TLSSocket];
  const leaf = peer.getPeerX509Certificate();
  const seen = { authorized: peer.authorized, presented: leaf ? presentedBy(leaf) : [] };
  socket.destroy();
  server.close();
  return seen;
}
