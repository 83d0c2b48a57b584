import { sign, type KeyObject, X509Certificate } from 'node:crypto';
import type { TestCertificate } from './certificates.ts';

/** Hex of AlgorithmIdentifiers, by what they name. */
export const ALGORITHMS = {
  'ecdsa-sha1': '300906072a8648ce3d0401',
  'ecdsa-sha256': '300a06082a8648ce3d040302',
  'rsa-md5': '300d06092a864886f70d0101040500',
  'rsa-sha1': '300d06092a864886f70d0101050500',
  'rsa-sha256': '300d06092a864886f70d01010b0500',
} as const;

/** One DER element of a tag and its contents, all as hex. */
export function der(tag: string, ...contents: readonly string[]): string {
  const content = contents.join('');
  const length = content.length / 2;
  const octets = length.toString(16).padStart(length > 0xff ? 4 : 2, '0');
  return tag + (length < 0x80 ? octets : (0x80 + octets.length / 2).toString(16) + octets) + content;
}

/** A certificate whose signed part is changed, given and taken as hex, and signed anew, as no library of ours would make it. */
export function resigned(
  { certificate, ...keys }: TestCertificate,
  issuerKey: KeyObject,
  change: (signedPart: string) => string,
  { algorithm = 'ecdsa-sha256', hash = 'sha256' }: { readonly algorithm?: keyof typeof ALGORITHMS; readonly hash?: string } = {},
): TestCertificate {
  const signedPart = change(signedPartOf(certificate));
  const signature = sign(hash, Buffer.from(signedPart, 'hex'), issuerKey).toString('hex');
  return { ...keys, ...assembled(der('30', signedPart, ALGORITHMS[algorithm], der('03', '00', signature))) };
}

/** A certificate with one bit of its signature flipped. */
export function spoiled({ certificate, ...keys }: TestCertificate): TestCertificate {
  const raw = Buffer.from(certificate.raw);
  raw.writeUInt8(raw.readUInt8(raw.length - 1) ^ 1, raw.length - 1);
  return { ...keys, ...assembled(raw.toString('hex')) };
}

/** Replaces what is in the signed part exactly once. */
export function replaceOnce(from: string, to: string): (signedPart: string) => string {
  return (signedPart) => {
    const [before, after, ...more] = signedPart.split(from);
    if (before === undefined || after === undefined || more.length > 0) throw new Error(`there are ${more.length} more of ${from}`);
    return withLength(before + to + after);
  };
}

/** The TBSCertificate, whose two octets of length follow its tag. */
function signedPartOf({ raw }: X509Certificate): string {
  const length = raw.readUInt16BE(6);
  if (raw.readUInt16BE(4) !== 0x3082) throw new Error('the signed part is of another size');
  return raw.subarray(4, 8 + length).toString('hex');
}

function withLength(signedPart: string): string {
  return der('30', signedPart.slice(8));
}

function assembled(hex: string): Pick<TestCertificate, 'certificate' | 'certificatePem'> {
  const certificate = new X509Certificate(Buffer.from(hex, 'hex'));
  return { certificate, certificatePem: certificate.toString() };
}
