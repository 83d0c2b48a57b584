import 'reflect-metadata';
import { createPublicKey } from 'node:crypto';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { certificateRequest, newKey } from './csr.ts';

describe('certificateRequest', () => {
  it('is signed by its own key and asks for nothing by name', async () => {
    const key = newKey();
    const request = new Pkcs10CertificateRequest(certificateRequest(key));
    expect(await request.verify()).toBe(true);
    expect(request.subjectName.toJSON()).toEqual([]);
    expect([...request.attributes, ...request.extensions]).toEqual([]);
    const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
    expect(Buffer.from(request.publicKey.rawData)).toEqual(spki);
  });
});
