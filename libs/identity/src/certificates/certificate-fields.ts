import { DerError, expectTag, readElements, readOnly, Tag, type DerElement } from './der.ts';

/** What Holdfast decides on in an X.509 certificate (RFC 5280 §4.1), read from its DER and from nothing else. */
export interface CertificateFields {
  /** 1, 2 or 3. Only the third has extensions. */
  readonly version: number;
  /** Lower-case hex of the INTEGER's contents. */
  readonly serial: string;
  /** The AlgorithmIdentifier of its signature, as DER. */
  readonly signature: Buffer;
  /** Names as their DER, so that two are the same only byte for byte. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** By the hex of the OID's contents; no extension occurs twice. */
  readonly extensions: ReadonlyMap<string, CertificateExtension>;
}

interface CertificateExtension {
  readonly critical: boolean;
  readonly value: Buffer;
}

/** OIDs of RFC 5280 §4.2.1 as hex of their contents. */
export const Oid = {
  keyUsage: '551d0f',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
  nameConstraints: '551d1e',
  extKeyUsage: '551d25',
  clientAuth: '2b06010505070302',
} as const;

/** Bits of KeyUsage (RFC 5280 §4.2.1.3), the first bit highest. */
export const KeyUsage = { digitalSignature: 0x80, keyCertSign: 0x04, cRLSign: 0x02 } as const;

/** A certificate beyond this is refused unread, so that thousands of names cost nothing. */
const MAX_BYTES = 16 * 1024;
const EXTENSIONS = 0xa3;
const VERSION = 0xa0;
const URI_NAME = 0x86;

/** @throws DerError when the bytes are not the DER of a certificate. */
export function readCertificate(der: Buffer): CertificateFields {
  if (der.length > MAX_BYTES) throw new DerError('too long');
  const [tbs, algorithm] = readElements(readOnly(der, Tag.sequence).contents);
  const [first, ...others] = readElements(expectTag(tbs, Tag.sequence).contents);
  // The version is left out where it is the first.
  const version = first?.tag === VERSION ? readSmallInteger(readOnly(first.contents, Tag.integer)) + 1 : undefined;
  const [serial, signature, issuer, validity, subject, , ...rest] = version === undefined ? [first, ...others] : others;
  const [notBefore, notAfter] = readElements(expectTag(validity, Tag.sequence).contents);
  if (!expectTag(algorithm, Tag.sequence).bytes.equals(expectTag(signature, Tag.sequence).bytes)) throw new DerError('two algorithms');
  return {
    version: version ?? 1,
    serial: expectTag(serial, Tag.integer).contents.toString('hex'),
    signature: expectTag(signature, Tag.sequence).bytes,
    issuer: expectTag(issuer, Tag.sequence).bytes,
    subject: expectTag(subject, Tag.sequence).bytes,
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    extensions: readExtensions(rest.find((element) => element?.tag === EXTENSIONS)),
  };
}

/** The URIs of a SubjectAltName's value, and how many names of other kinds stand beside them. */
export function readUriNames(subjectAltName: Buffer): { uris: string[]; others: number } {
  const names = readElements(readOnly(subjectAltName, Tag.sequence).contents);
  const uris = names.filter((name) => name.tag === URI_NAME).map((name) => name.contents.toString('latin1'));
  return { uris, others: names.length - uris.length };
}

/** The bits of a KeyUsage's value that lie in its first octet. */
export function readKeyUsage(value: Buffer): number {
  const { contents } = readOnly(value, Tag.bitString);
  if (contents.length < 2) throw new DerError('no key usage');
  return contents.readUInt8(1);
}

/** The OIDs of an ExtKeyUsage's value, each as the hex of its contents. */
export function readExtKeyUsage(value: Buffer): string[] {
  return readElements(readOnly(value, Tag.sequence).contents).map((oid) => expectTag(oid, Tag.oid).contents.toString('hex'));
}

/** BasicConstraints (RFC 5280 §4.2.1.9); `pathLength` is Infinity where none is set. */
export function readBasicConstraints(value: Buffer): { isCa: boolean; pathLength: number } {
  const [isCa, pathLength] = readElements(readOnly(value, Tag.sequence).contents);
  if (isCa === undefined) return { isCa: false, pathLength: Infinity };
  return {
    isCa: readBoolean(expectTag(isCa, Tag.boolean)),
    pathLength: pathLength === undefined ? Infinity : readSmallInteger(expectTag(pathLength, Tag.integer)),
  };
}

/** The extensions in a field that holds their list. @throws DerError */
export function readExtensions(field: Pick<DerElement, 'contents'> | undefined): Map<string, CertificateExtension> {
  const extensions = new Map<string, CertificateExtension>();
  if (field === undefined) return extensions;
  for (const extension of readElements(readOnly(field.contents, Tag.sequence).contents)) {
    const [oid, ...rest] = readElements(expectTag(extension, Tag.sequence).contents);
    const critical = rest.length > 1 && readBoolean(expectTag(rest[0], Tag.boolean));
    const id = expectTag(oid, Tag.oid).contents.toString('hex');
    if (extensions.has(id)) throw new DerError('an extension occurs twice');
    extensions.set(id, { critical, value: expectTag(rest.at(-1), Tag.octetString).contents });
  }
  return extensions;
}

function readBoolean({ contents }: DerElement): boolean {
  if (contents.length !== 1 || (contents[0] !== 0 && contents[0] !== 0xff)) throw new DerError('not a boolean');
  return contents[0] === 0xff;
}

function readSmallInteger({ contents }: DerElement): number {
  if (contents.length !== 1 || contents.readInt8(0) < 0) throw new DerError('not a small integer');
  return contents.readInt8(0);
}

// RFC 5280 §4.1.2.5: seconds are there, the zone is Z, and a two-digit year below 50 is of this century.
const TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/** Milliseconds since the epoch. @throws DerError */
export function readTime(element: DerElement | undefined): number {
  const text = element?.contents.toString('latin1') ?? '';
  const full = element?.tag === Tag.utcTime ? `${text < '50' ? '20' : '19'}${text}` : text;
  if (element?.tag !== Tag.utcTime) expectTag(element, Tag.generalizedTime);
  const iso = full.replace(TIME, '$1-$2-$3T$4:$5:$6Z');
  const time = Date.parse(iso);
  if (iso === full || Number.isNaN(time)) throw new DerError('not a time');
  return time;
}
