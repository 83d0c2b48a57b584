import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { TestAuthority, type TestCertificate } from '../../../test/support/certificates.ts';
import { temporaryDirectory } from '../../../test/support/temp-dir.ts';
import { CertificateFiles } from './certificate-files.ts';

let root: TestAuthority;
let server: TestCertificate;
beforeAll(async () => {
  root = await TestAuthority.root('another PKI');
  server = await root.server();
});

function read(certificate: string, key: string, now = new Date()) {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'tls.crt'), certificate);
  writeFileSync(join(directory, 'tls.key'), key);
  return CertificateFiles.of({ certificate: join(directory, 'tls.crt'), key: join(directory, 'tls.key') })?.read(now);
}

describe('the files of the server certificate', () => {
  it('are none where the settings name none', () => {
    expect(CertificateFiles.of({ certificate: undefined, key: undefined })).toBeUndefined();
  });

  it('are a chain and its key', async () => {
    const chain = `${server.certificatePem}\n${root.pem}`;
    expect(await read(chain, server.privateKeyPem)).toEqual({ certificate: chain, key: server.privateKeyPem });
  });

  it('are refused, without a word of where they are, when they can not be used', async () => {
    const other = await root.server();
    const refused = { code: 'file_unavailable', message: expect.not.stringContaining('/') };
    await expect(read(server.certificatePem, other.privateKeyPem)).rejects.toMatchObject(refused);
    await expect(read('', server.privateKeyPem)).rejects.toMatchObject(refused);
    await expect(read(server.certificatePem, '')).rejects.toMatchObject(refused);
    await expect(read(server.certificatePem, server.privateKeyPem, new Date('2099-01-01'))).rejects.toMatchObject(refused);
    await expect(CertificateFiles.of({ certificate: '/nowhere', key: '/nowhere' })?.read(new Date())).rejects.toMatchObject(refused);
  });
});
