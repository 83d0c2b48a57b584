import { type TestAuthority, x509 } from './certificates.ts';

const HOUR = 3_600_000;

/** What a test may choose about a revocation list. */
export interface ListOptions {
  readonly serials?: readonly string[];
  readonly thisUpdate?: Date;
  /** null leaves it out. */
  readonly nextUpdate?: Date | null;
  readonly extensions?: readonly x509.Extension[];
  readonly entryExtensions?: readonly x509.Extension[];
  readonly hash?: string;
  /** Whose name it bears, where that is not its signer. */
  readonly issuer?: TestAuthority;
}

/** A revocation list (RFC 5280 section 5) by a library that is not ours, as base64 of its DER. */
export async function revocationList(authority: TestAuthority, options: ListOptions = {}): Promise<string> {
  const { serials = [], thisUpdate = new Date(Date.now() - HOUR), nextUpdate = new Date(Date.now() + HOUR), hash = 'SHA-256' } = options;
  const isRsa = authority.own.publicKey.asymmetricKeyType === 'rsa';
  const algorithm = isRsa ? { name: 'RSASSA-PKCS1-v1_5', hash } : { name: 'ECDSA', namedCurve: 'P-256', hash };
  const crl = await x509.X509CrlGenerator.create({
    issuer: new x509.X509Certificate((options.issuer ?? authority).certificate.raw).subject,
    thisUpdate,
    ...(nextUpdate !== null && { nextUpdate }),
    entries: serials.map((serialNumber) => ({
      serialNumber,
      revocationDate: thisUpdate,
      extensions: [...(options.entryExtensions ?? [])],
    })),
    extensions: [...(options.extensions ?? [])],
    signingAlgorithm: algorithm,
    signingKey: authority.privateKey.toCryptoKey(algorithm, false, ['sign']),
  });
  return Buffer.from(crl.rawData).toString('base64');
}
