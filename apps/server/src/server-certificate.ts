import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { CertificateAuthority, type Clock, type IssuingMaterial } from '#identity';
import { UnsealedPart, type Keyring } from '#keys';
import type { Settings } from '#settings';
import { makePrivateDirectory, readIfThere, replaceFile } from '#storage';
import { CertificateFiles, type ServerIdentity } from './certificate-files.ts';
import type { Log } from './log.ts';

/** Where it is kept and what it says. */
export interface ServerCertificateSettings {
  readonly dataDir: string;
  readonly serverNames: readonly string[];
  readonly tls: Settings['tls'];
}

const LIFETIME_SECONDS = 30 * 86_400;
/** Renewed when a third of its life is left; looked at this often, since a timer can't wait for weeks. */
const RENEW_BEFORE_MS = (LIFETIME_SECONDS / 3) * 1000;
const LOOK_EVERY_MS = 3_600_000;
/** How often files of another PKI are looked at: whoever replaces them need tell nobody. */
const READ_EVERY_MS = 30_000;
/** Never a trust domain: the CA behind the first certificate is thrown away once it has signed that one. */
const FIRST_TRUST_DOMAIN = 'first.holdfast.invalid';

/**
 * The server's TLS key and certificate, as files in `<dataDir>/tls`, so that a sealed server speaks TLS: `server.key` (made at the first
 * start), `server.crt`, and `ca.crt`, which is what clients must trust now. Until init a CA made for the purpose has signed it; from then
 * on the issuing CA does, at each unsealing that needs it and whenever a third of its life is left.
 *
 * Where the settings name files of another PKI, those are it instead, and are read again when they change. What can't be used, such as a
 * certificate whose key has not been written yet, changes nothing.
 */
export class ServerCertificate extends UnsealedPart {
  readonly #settings: ServerCertificateSettings;
  readonly #clock: Clock;
  readonly #log: Log;
  #identity: ServerIdentity | undefined;
  readonly #files: CertificateFiles | undefined;
  #timer: NodeJS.Timeout | undefined;
  #readTimer: NodeJS.Timeout | undefined;
  #replaced: () => void = () => undefined;

  constructor(settings: ServerCertificateSettings, clock: Clock, log: Log) {
    super();
    this.#settings = settings;
    this.#files = CertificateFiles.of(settings.tls);
    this.#clock = clock;
    this.#log = log;
  }

  /** Reads the files, or makes them at the first start. */
  async load(): Promise<ServerIdentity> {
    makePrivateDirectory(join(this.#settings.dataDir, 'tls'));
    if (this.#files !== undefined) return this.#follow(this.#files);
    const key = (await readIfThere(this.#file('server.key'))) ?? (await this.#makeKey());
    const certificate = (await readIfThere(this.#file('server.crt'))) ?? '';
    const authority = (await readIfThere(this.#file('ca.crt'))) ?? '';
    const now = this.#clock.now();
    if (isUsable({ key, certificate, authority }, now)) this.#keep({ key, certificate }, now);
    else await this.#issue(key, await CertificateAuthority.create(FIRST_TRUST_DOMAIN, this.#clock));
    return this.identity;
  }

  /** Reads the files of another PKI again, where there are any: for the handshakes to come. */
  async reload(): Promise<void> {
    if (this.#files === undefined) return;
    try {
      const { key, certificate } = await this.#files.read(this.#clock.now());
      if (key === this.#identity?.key && certificate === this.#identity.certificate) return;
      this.#identity = { key, certificate };
      this.#log.info('certificate', { until: new X509Certificate(certificate).validToDate.toISOString() });
      this.#replaced();
    } catch (error) {
      this.#log.failed('certificate_failed', error);
    }
  }

  /** Looks at no file any more. */
  close(): void {
    clearInterval(this.#readTimer);
  }

  async #follow(files: CertificateFiles): Promise<ServerIdentity> {
    this.#keep(await files.read(this.#clock.now()), this.#clock.now());
    this.#readTimer = setInterval(() => void this.reload(), READ_EVERY_MS).unref();
    return this.identity;
  }

  /** A clock that is behind is no reason to lock out whoever has kept the CA, and may be the only one who can unseal. */
  #keep(identity: ServerIdentity, now: Date): void {
    const { validFromDate } = new X509Certificate(identity.certificate);
    if (now < validFromDate) this.#log.warn('clock_behind', { from: validFromDate.toISOString() });
    this.#identity = identity;
  }

  /** What to prove the server with now. */
  get identity(): ServerIdentity {
    if (this.#identity === undefined) throw new TypeError('the server certificate was not loaded');
    return this.#identity;
  }

  /** The same, or undefined before it was loaded. */
  get current(): ServerIdentity | undefined {
    return this.#identity;
  }

  /** Calls back after each replacement. */
  onReplaced(replaced: () => void): void {
    this.#replaced = replaced;
  }

  override async unsealed(keyring: Keyring): Promise<void> {
    if (this.#files !== undefined) return;
    const { issuing } = keyring;
    await this.#renewIfDue(issuing);
    this.#timer = setInterval(() => {
      this.#renewIfDue(issuing).catch((error: unknown) => this.#log.failed('certificate_failed', error));
    }, LOOK_EVERY_MS).unref();
  }

  override sealing(): Promise<void> {
    clearInterval(this.#timer);
    return Promise.resolve();
  }

  async #renewIfDue(issuing: IssuingMaterial): Promise<void> {
    const { key, certificate } = this.identity;
    const leaf = new X509Certificate(certificate);
    const ours = leaf.verify(new X509Certificate(issuing.certificatePem).publicKey);
    const left = leaf.validToDate.getTime() - this.#clock.now().getTime();
    const named = this.#settings.serverNames.every((name) => (isIP(name) ? leaf.checkIP(name) : leaf.checkHost(name)));
    if (ours && named && left > RENEW_BEFORE_MS) return;
    await this.#issue(key, issuing);
    this.#replaced();
  }

  async #issue(key: string, issuing: IssuingMaterial): Promise<void> {
    const authority = new CertificateAuthority(issuing, this.#clock);
    const request = { publicKeySpki: spkiOf(createPrivateKey(key)), names: this.#settings.serverNames };
    const { chainPem, notAfter } = await authority.issueServer(request, { seconds: LIFETIME_SECONDS });
    await replaceFile(this.#file('ca.crt'), issuing.certificatePem);
    await replaceFile(this.#file('server.crt'), chainPem);
    this.#identity = { key, certificate: chainPem };
    this.#log.info('certificate', { until: notAfter.toISOString() });
  }

  async #makeKey(): Promise<string> {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    await replaceFile(this.#file('server.key'), pem);
    return pem;
  }

  #file(name: string): string {
    return join(this.#settings.dataDir, 'tls', name);
  }
}

/** Whether the three files belong together (a crash may have come between two of them), and the certificate has not ended. */
function isUsable({ key, certificate, authority }: ServerIdentity & { readonly authority: string }, now: Date): boolean {
  try {
    const leaf = new X509Certificate(certificate);
    return now < leaf.validToDate && leaf.checkPrivateKey(createPrivateKey(key)) && leaf.verify(new X509Certificate(authority).publicKey);
  } catch {
    return false;
  }
}

function spkiOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}
