import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { makeRequest, x509, type RequestOptions } from '../../../../test/support/certificates.ts';
import { checkCertificateRequest } from './certificate-request.ts';
import { IdentityError } from '../errors.ts';

const ID = 'spiffe://td/ns/a/sa/w1';

describe('a certificate signing request', () => {
  it.each(['P-256', 'P-384', 'Ed25519', 'RSA-3072'] as const)('asks for one SPIFFE ID, with a key of kind %s', async (key) => {
    const { csrPem, publicKey } = await makeRequest(ID, { key });
    const request = await checkCertificateRequest(csrPem);
    expect(request.spiffeId?.text).toBe(ID);
    expect(request.publicKeySpki).toEqual(publicKey.export({ format: 'der', type: 'spki' }));
    expect(request.spkiHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('may leave open whom it is for', async () => {
    const { csrPem } = await makeRequest(ID, { names: [] });
    expect(await checkCertificateRequest(csrPem)).toMatchObject({ spiffeId: undefined, spkiHash: expect.any(String) });
  });

  it('may come as the base64 of its DER', async () => {
    const { csrPem } = await makeRequest(ID);
    const base64 = csrPem.replaceAll(/-----[A-Z ]+-----|\s/g, '');
    expect((await checkCertificateRequest(base64)).spiffeId?.text).toBe(ID);
  });

  it.each<[string, string, RequestOptions]>([
    [
      'a DNS name',
      'csr_asks_for_more',
      {
        names: [
          { type: 'url', value: ID },
          { type: 'dns', value: 'a.example' },
        ],
      },
    ],
    [
      'an IP address',
      'csr_asks_for_more',
      {
        names: [
          { type: 'url', value: ID },
          { type: 'ip', value: '127.0.0.1' },
        ],
      },
    ],
    [
      'an e-mail address',
      'csr_asks_for_more',
      {
        names: [
          { type: 'url', value: ID },
          { type: 'email', value: 'a@a.example' },
        ],
      },
    ],
    [
      'a second URI',
      'csr_asks_for_more',
      {
        names: [
          { type: 'url', value: ID },
          { type: 'url', value: ID },
        ],
      },
    ],
    ['a subject', 'csr_asks_for_more', { subject: [{ CN: ['root-op'] }] }],
    ['to be a CA', 'csr_asks_for_more', { extensions: [new x509.BasicConstraintsExtension(true)] }],
    ['a usage', 'csr_asks_for_more', { extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign)] }],
    ['a challenge password', 'csr_asks_for_more', { attributes: [new x509.ChallengePasswordAttribute('x')] }],
    ['a DNS name alone', 'csr_asks_for_more', { names: [{ type: 'dns', value: 'a.example' }] }],
    ['the root of a trust domain', 'invalid_spiffe_id', { names: [{ type: 'url', value: 'spiffe://td' }] }],
    ['a certificate for a weak key', 'csr_weak_key', { key: 'RSA-2048' }],
  ])('is refused when it asks for %s: %s', async (_, code, options) => {
    const { csrPem } = await makeRequest(ID, options);
    await expect(checkCertificateRequest(csrPem)).rejects.toMatchObject({ code });
  });

  it('is refused when another key signed it', async () => {
    const { csrPem } = await makeRequest(ID);
    const der = Buffer.from(csrPem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
    const at = der.indexOf(ID);
    der.write('x', at + ID.length - 1);
    await expect(checkCertificateRequest(der.toString('base64'))).rejects.toMatchObject({ code: 'csr_not_proven' });
  });

  it.each(['', 'x', '{}', '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----', 'A'.repeat(100_000), '3000'])(
    'is not just any text',
    async (text) => {
      await expect(checkCertificateRequest(text)).rejects.toMatchObject({ code: 'malformed_csr' });
    },
  );

  it('is either what its key signed or refused with an error of this room, whatever is changed in it', async () => {
    const { csrPem } = await makeRequest(ID);
    const good = Buffer.from(csrPem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
    const unchanged = await checkCertificateRequest(csrPem);
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const der = Buffer.from(good);
        der.writeUInt8(der.readUInt8(at) ^ flip, at);
        const outcome = await checkCertificateRequest(der.toString('base64')).catch((error: unknown) => error);
        if (!(outcome instanceof IdentityError)) expect(outcome).toEqual(unchanged);
      }),
      { numRuns: 500 },
    );
  });
});
