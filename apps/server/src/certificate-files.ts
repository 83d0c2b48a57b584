import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Settings } from '#settings';
import { StorageError } from '#storage';

/** What the listeners prove the server with. */
export interface ServerIdentity {
  readonly key: string;
  readonly certificate: string;
}

/** The server's certificate and key as files that another PKI keeps current. */
export class CertificateFiles {
  readonly #certificate: string;
  readonly #key: string;

  private constructor(certificate: string, key: string) {
    this.#certificate = certificate;
    this.#key = key;
  }

  /** Those that the settings name. */
  static of({ certificate, key }: Settings['tls']): CertificateFiles | undefined {
    return certificate === undefined || key === undefined ? undefined : new CertificateFiles(certificate, key);
  }

  /**
   * What is in the files, as it may be used: both are there, belong together and have not ended.
   *
   * @throws StorageError `file_unavailable`
   */
  async read(now: Date): Promise<ServerIdentity> {
    try {
      const [certificate, key] = await Promise.all([readFile(this.#certificate, 'utf8'), readFile(this.#key, 'utf8')]);
      const leaf = new X509Certificate(certificate);
      if (leaf.checkPrivateKey(createPrivateKey(key)) && now < leaf.validToDate) return { certificate, key };
    } catch {
      // Whatever is wrong with them, they can't be used. What the system said could name a path.
    }
    throw new StorageError('file_unavailable');
  }
}
