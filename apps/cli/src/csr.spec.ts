import 'reflect-metadata';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { makeCertificateRequest } from './csr.ts';

describe('makeCertificateRequest', () => {
  it('is signed by its own key and asks for nothing by name', async () => {
    const { csr, key } = makeCertificateRequest();
    const request = new Pkcs10CertificateRequest(csr);
    expect(await request.verify()).toBe(true);
    expect(request.subjectName.toJSON()).toEqual([]);
    expect([...request.attributes, ...request.extensions]).toEqual([]);
    const spki = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' });
    expect(Buffer.from(request.publicKey.rawData)).toEqual(spki);
  });

  it('makes a new key each time', () => {
    expect(makeCertificateRequest().key).not.toBe(makeCertificateRequest().key);
  });
});
