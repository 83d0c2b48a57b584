import { createPublicKey, generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';

import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/** The library itself, for what the options below don't name. Its import here comes after the polyfill that it wants. */
export { x509 };

const HOUR = 3_600_000;

/** Kinds of keys a test can give to a certificate, weak ones among them. */
const KEY_PAIRS = {
  'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'P-521': () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  secp256k1: () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  Ed25519: () => generateKeyPairSync('ed25519'),
  Ed448: () => generateKeyPairSync('ed448'),
  'RSA-PSS': () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
  'RSA-2048-e3': () => generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }),
  'RSA-1024': () => generateKeyPairSync('rsa', { modulusLength: 1024 }),
  'RSA-2048': () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'RSA-3072': () => generateKeyPairSync('rsa', { modulusLength: 3072 }),
  'RSA-4096': () => generateKeyPairSync('rsa', { modulusLength: 4096 }),
} as const satisfies Record<string, () => KeyPair>;

type KeyKind = keyof typeof KEY_PAIRS;

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** A certificate with its key, in the forms that `node:tls` and our own code want. */
export interface TestCertificate extends KeyPair {
  readonly certificate: X509Certificate;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** What a test may choose about a certificate. Everything left out is as a good certificate has it. */
export interface CertificateOptions {
  readonly uris?: readonly string[];
  readonly dns?: readonly string[];
  readonly ips?: readonly string[];
  readonly emails?: readonly string[];
  readonly subject?: x509.JsonName;
  readonly key?: KeyKind | KeyPair;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly serialNumber?: string;
  /** null leaves the extension out. */
  readonly ca?: boolean | null;
  readonly pathLength?: number;
  /** Names of `x509.KeyUsageFlags`; null leaves the extension out. */
  readonly keyUsage?: readonly (keyof typeof x509.KeyUsageFlags)[] | null;
  readonly keyUsageCritical?: boolean;
  /** OIDs or names of `x509.ExtendedKeyUsage`; null leaves the extension out. */
  readonly extKeyUsage?: readonly (keyof typeof x509.ExtendedKeyUsage)[] | null;
  readonly extensions?: readonly x509.Extension[];
  /** What its issuer signs with, where not with SHA-256. */
  readonly signature?: { readonly name?: string; readonly hash?: string; readonly saltLength?: number };
}

const LEAF = { ca: false, keyUsage: ['digitalSignature'], extKeyUsage: ['clientAuth', 'serverAuth'] } as const;
const AUTHORITY = { ca: true, keyUsage: ['keyCertSign', 'cRLSign'], extKeyUsage: null } as const;

/** A CA made at run time. `root` makes the first; a root makes intermediates, and either makes leaves. */
export class TestAuthority {
  readonly own: TestCertificate;

  private constructor(own: TestCertificate) {
    this.own = own;
  }

  static async root(name: string, options: CertificateOptions = {}): Promise<TestAuthority> {
    const keys = keysFor(options.key);
    return new TestAuthority(await sign({ ...AUTHORITY, subject: [{ CN: [name] }], ...options, key: keys }, keys.privateKey));
  }

  get certificate(): X509Certificate {
    return this.own.certificate;
  }

  get pem(): string {
    return this.own.certificatePem;
  }

  async intermediate(name: string, options: CertificateOptions = {}): Promise<TestAuthority> {
    return new TestAuthority(await this.#issue({ ...AUTHORITY, subject: [{ CN: [name] }], ...options }));
  }

  /** The same CA, for a test that signs by hand. */
  get privateKey(): KeyObject {
    return this.own.privateKey;
  }

  /** A CA that was changed after it was made. */
  changed(change: (own: TestCertificate) => TestCertificate): TestAuthority {
    return new TestAuthority(change(this.own));
  }

  /** The client certificate of a workload, good in everything that `options` do not spoil. */
  workload(spiffeId: string, options: CertificateOptions = {}): Promise<TestCertificate> {
    return this.#issue({ ...LEAF, uris: [spiffeId], ...options });
  }

  /** The certificate of a TLS server on the loopback address. */
  server(options: CertificateOptions = {}): Promise<TestCertificate> {
    return this.#issue({ ...LEAF, extKeyUsage: ['serverAuth'], dns: ['localhost'], ips: ['127.0.0.1'], ...options });
  }

  #issue(options: CertificateOptions): Promise<TestCertificate> {
    return sign(options, this.own.privateKey, new x509.X509Certificate(this.own.certificate.raw));
  }
}

/** What a test may choose about a certificate signing request. */
export interface RequestOptions {
  readonly subject?: x509.JsonName;
  /** The subject alternative names; none leaves the extension out. */
  readonly names?: x509.JsonGeneralNames;
  readonly key?: KeyKind | KeyPair;
  readonly extensions?: readonly x509.Extension[];
  readonly attributes?: readonly x509.Attribute[];
}

export interface TestRequest extends KeyPair {
  readonly csrPem: string;
  readonly privateKeyPem: string;
}

/** A signing request (PKCS #10) for one SPIFFE ID, with an empty subject and nothing else, unless `options` ask for more. */
export async function makeRequest(spiffeId: string, options: RequestOptions = {}): Promise<TestRequest> {
  const keys = keysFor(options.key);
  const algorithm = algorithmOf(keys.publicKey);
  const names = options.names ?? [{ type: 'url', value: spiffeId }];
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: options.subject,
    keys: {
      publicKey: keys.publicKey.toCryptoKey(algorithm, true, ['verify']),
      privateKey: keys.privateKey.toCryptoKey(algorithm, true, ['sign']),
    },
    signingAlgorithm: algorithm,
    extensions: [...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []), ...(options.extensions ?? [])],
    attributes: [...(options.attributes ?? [])],
  });
  return { ...keys, csrPem: request.toString('pem'), privateKeyPem: pemOf(keys.privateKey) };
}

async function sign(options: CertificateOptions, signingKey: KeyObject, issuer?: x509.X509Certificate): Promise<TestCertificate> {
  const keys = keysFor(options.key);
  const subject = new x509.Name([...(options.subject ?? [])]);
  const publicKey = spkiOf(keys.publicKey);
  const algorithm = { ...algorithmOf(createPublicKey(signingKey)), ...options.signature };
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: issuer?.subjectName ?? subject,
    publicKey,
    signingKey: signingKey.toCryptoKey(algorithm, false, ['sign']),
    signingAlgorithm: algorithm,
    notBefore: options.notBefore ?? new Date(Date.now() - HOUR),
    notAfter: options.notAfter ?? new Date(Date.now() + 24 * HOUR),
    serialNumber: options.serialNumber,
    extensions: [
      ...extensionsOf(options),
      // By these OpenSSL tells two CAs of the same name apart.
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer?.publicKey ?? publicKey),
    ],
  });
  const certificatePem = certificate.toString('pem');
  return { ...keys, certificate: new X509Certificate(certificatePem), certificatePem, privateKeyPem: pemOf(keys.privateKey) };
}

function extensionsOf(options: CertificateOptions): x509.Extension[] {
  const { ca = false, keyUsage, extKeyUsage, keyUsageCritical = true } = options;
  const names: x509.JsonGeneralNames = [
    ...(options.uris ?? []).map((value) => ({ type: 'url' as const, value })),
    ...(options.dns ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(options.ips ?? []).map((value) => ({ type: 'ip' as const, value })),
    ...(options.emails ?? []).map((value) => ({ type: 'email' as const, value })),
  ];
  const flags = (keyUsage ?? []).reduce((all, name) => all | x509.KeyUsageFlags[name], 0);
  return [
    ...(ca === null ? [] : [new x509.BasicConstraintsExtension(ca, options.pathLength, true)]),
    ...(keyUsage ? [new x509.KeyUsagesExtension(flags, keyUsageCritical)] : []),
    ...(extKeyUsage ? [new x509.ExtendedKeyUsageExtension(extKeyUsage.map((name) => x509.ExtendedKeyUsage[name]))] : []),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names, !options.subject)] : []),
    ...(options.extensions ?? []),
  ];
}

function keysFor(key: KeyKind | KeyPair = 'P-256'): KeyPair {
  return typeof key === 'string' ? KEY_PAIRS[key]() : key;
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  if (asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  if (asymmetricKeyType === 'ed25519') return { name: 'Ed25519' };
  const namedCurve = { secp384r1: 'P-384', secp521r1: 'P-521' }[asymmetricKeyDetails?.namedCurve ?? ''] ?? 'P-256';
  return { name: 'ECDSA', namedCurve, hash: 'SHA-256' };
}

function spkiOf(key: KeyObject): Buffer<ArrayBuffer> {
  return Buffer.from(key.export({ format: 'der', type: 'spki' }));
}

function pemOf(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' });
}
