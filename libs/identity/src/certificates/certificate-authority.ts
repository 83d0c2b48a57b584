import { createPrivateKey, randomBytes, webcrypto, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

import { Oid, readCertificate, readUriNames } from './certificate-fields.ts';
import { serialOf, type LinePlace } from './certificate-line.ts';
import type { Clock } from '../clock.ts';
import { IdentityError } from '../errors.ts';
import { parseTrustDomain, type SpiffeId } from './spiffe-id.ts';
import { loadX509, type X509 } from './x509.ts';

/** What an issuing CA is made of. */
export interface IssuingMaterial {
  /** DER of a P-256 private key in PKCS #8. */
  readonly privateKeyPkcs8: Buffer;
  readonly certificatePem: string;
}

interface IssuedCertificate {
  /** PEM, the leaf first. The CA itself is not in it: it is what the other side has in its bundle. */
  readonly chainPem: string;
  readonly notAfter: Date;
}

/** How long a certificate holds. */
export interface Lifetime {
  readonly seconds: number;
  /** It begins no earlier than this, and else 30 s ago, for clocks that are a little behind. */
  readonly notBefore?: Date;
}

/** The key and the name of a workload. */
interface WorkloadRequest {
  readonly publicKeySpki: Buffer;
  readonly spiffeId: SpiffeId;
  /** Its place in a line of certificates, which becomes its serial number; a random one where it is left out. */
  readonly place?: LinePlace;
  /** Further names, for servers of its own: all of them were checked. */
  readonly dnsNames?: readonly string[];
}

/** The key and the names of a TLS server. */
interface ServerRequest {
  readonly publicKeySpki: Buffer;
  /** DNS names and IP addresses. */
  readonly names: readonly string[];
}

const CA_YEARS = 10;
const BACKDATED_SECONDS = 30;
const SIGNING = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const SPIFFE = 'spiffe://';

/** Holdfast's own issuing CA: P-256, self-signed, one trust domain (RFC 5280, X509-SVID). */
export class CertificateAuthority {
  readonly trustDomain: string;
  readonly certificatePem: string;
  readonly #certificate: X509Certificate;
  readonly #key: KeyObject;
  readonly #clock: Clock;

  /** @throws IdentityError `invalid_trust_bundle` when the certificate is not that of a trust domain's CA, or not the key's. */
  constructor(material: IssuingMaterial, clock: Clock) {
    this.certificatePem = material.certificatePem;
    this.#certificate = new X509Certificate(material.certificatePem);
    this.#key = createPrivateKey({ key: material.privateKeyPkcs8, format: 'der', type: 'pkcs8' });
    this.#clock = clock;
    this.trustDomain = trustDomainOf(this.#certificate);
    if (!this.#certificate.checkPrivateKey(this.#key)) throw new IdentityError('invalid_trust_bundle');
  }

  /** A new CA for a trust domain, good for ten years. */
  static async create(trustDomain: string, clock: Clock): Promise<IssuingMaterial> {
    const x509 = await loadX509();
    const uri = SPIFFE + parseTrustDomain(trustDomain);
    const keys = await webcrypto.subtle.generateKey(SIGNING, true, ['sign', 'verify']);
    const notBefore = wholeSecond(clock.now().getTime() - BACKDATED_SECONDS * 1000);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: [{ O: [trustDomain] }, { CN: ['Holdfast issuing CA'] }],
      keys,
      serialNumber: randomSerial(),
      signingAlgorithm: SIGNING,
      notBefore,
      notAfter: new Date(Date.UTC(notBefore.getUTCFullYear() + CA_YEARS, notBefore.getUTCMonth(), notBefore.getUTCDate())),
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        new x509.SubjectAlternativeNameExtension([{ type: 'url', value: uri }]),
      ],
    });
    const privateKeyPkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
    return { privateKeyPkcs8, certificatePem: pemOf(certificate) };
  }

  /** The certificate of a workload: its SPIFFE ID as the one URI, for clients and servers, never beyond the CA's own end. */
  async issue(request: WorkloadRequest, lifetime: Lifetime): Promise<IssuedCertificate> {
    if (request.spiffeId.trustDomain !== this.trustDomain) throw new IdentityError('invalid_trust_domain');
    const x509 = await loadX509();
    const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
    const serial = request.place === undefined ? randomSerial() : serialOf(request.place);
    const dnsNames = (request.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value }));
    return this.#sign(x509, { ...request, serial }, lifetime, [
      new x509.ExtendedKeyUsageExtension([clientAuth, serverAuth]),
      // Critical, since the subject is empty (RFC 5280 §4.2.1.6).
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: request.spiffeId.text }, ...dnsNames], true),
    ]);
  }

  /** The certificate of a TLS server. It names no SPIFFE ID and can't authenticate a client. */
  async issueServer(request: ServerRequest, lifetime: Lifetime): Promise<IssuedCertificate> {
    const x509 = await loadX509();
    const names = request.names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value }));
    return this.#sign(x509, { ...request, serial: randomSerial() }, lifetime, [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names, true),
    ]);
  }

  /** Whether this very CA has signed the certificate, and not another one that is trusted for the same trust domain. */
  hasIssued(certificate: X509Certificate): boolean {
    return certificate.checkIssued(this.#certificate) && certificate.verify(this.#certificate.publicKey);
  }

  async #sign(
    x509: X509,
    { publicKeySpki: publicKey, serial }: { readonly publicKeySpki: Buffer; readonly serial: string },
    lifetime: Lifetime,
    extensions: InstanceType<X509['Extension']>[],
  ): Promise<IssuedCertificate> {
    const { notBefore, notAfter } = this.#dates(lifetime);
    const certificate = await x509.X509CertificateGenerator.create({
      issuer: new x509.X509Certificate(this.#certificate.raw).subjectName,
      publicKey,
      signingKey: this.#key.toCryptoKey(SIGNING, false, ['sign']),
      serialNumber: serial,
      signingAlgorithm: SIGNING,
      notBefore,
      notAfter,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        await x509.AuthorityKeyIdentifierExtension.create(spkiOf(this.#certificate)),
        await x509.SubjectKeyIdentifierExtension.create(publicKey),
        ...extensions,
      ],
    });
    return { chainPem: pemOf(certificate), notAfter };
  }

  #dates(lifetime: Lifetime): { notBefore: Date; notAfter: Date } {
    const now = this.#clock.now().getTime();
    const notBefore = wholeSecond(Math.max(now - BACKDATED_SECONDS * 1000, lifetime.notBefore?.getTime() ?? 0));
    const notAfter = wholeSecond(Math.min(now + lifetime.seconds * 1000, this.#certificate.validToDate.getTime()));
    return { notBefore, notAfter };
  }
}

/** A whole text file: what is put behind it begins a line. */
function pemOf(certificate: InstanceType<X509['X509Certificate']>): string {
  return `${certificate.toString('pem')}\n`;
}

function trustDomainOf(certificate: X509Certificate): string {
  const names = readCertificate(certificate.raw).extensions.get(Oid.subjectAltName);
  const [uri = ''] = names === undefined ? [] : readUriNames(names.value).uris;
  if (!certificate.ca || !uri.startsWith(SPIFFE)) throw new IdentityError('invalid_trust_bundle');
  return parseTrustDomain(uri.slice(SPIFFE.length));
}

function spkiOf({ publicKey }: X509Certificate): Buffer {
  return publicKey.export({ format: 'der', type: 'spki' });
}

/** 158 random bits in 20 octets: positive, and the first octet never zero (RFC 5280 §4.1.2.2). */
function randomSerial(): string {
  const bytes = randomBytes(20);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40);
  return bytes.toString('hex');
}

/** Certificates know no fraction of a second. */
function wholeSecond(time: number): Date {
  return new Date(Math.floor(time / 1000) * 1000);
}
