import { readExtensions, readTime } from './certificate-fields.ts';
import { expectTag, readElements, readOnly, Tag, type DerElement } from './der.ts';
import { IdentityError } from '../errors.ts';

/** A certificate revocation list (RFC 5280 §5) as it is asked: whole, of one CA, with all that must be understood understood. */
export interface RevocationList {
  readonly der: Buffer;
  /** The CA's name as DER. */
  readonly issuer: Buffer;
  /** Milliseconds since the epoch. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** As {@link canonicalSerial}. */
  readonly serials: ReadonlySet<string>;
  readonly algorithm: Buffer;
  readonly signed: { readonly bytes: Buffer; readonly signature: Buffer };
}

const MAX_BYTES = 1 << 20;
const EXTENSIONS = 0xa0;
const PEM = /^\s*-----BEGIN (?:X509 )?CRL-----([A-Za-z0-9+/=\s]+)-----END (?:X509 )?CRL-----\s*$/;

/**
 * Reads a list, PEM or base64 of DER. Its signature and its dates are not checked here.
 *
 * @throws IdentityError `crl_refused`; its hint says why. A delta, a list of one part of the certificates or of other CAs' has a critical
 *   extension, and so is refused like any other that is not understood.
 */
export function parseRevocationList(text: string): RevocationList {
  const der = Buffer.from(PEM.exec(text)?.[1] ?? text, 'base64');
  if (der.length > MAX_BYTES) throw new IdentityError('crl_refused', 'a list has at most 1 MiB');
  try {
    return read(der);
  } catch (error) {
    throw error instanceof IdentityError ? error : new IdentityError('crl_refused', 'not a revocation list');
  }
}

/** Serial numbers as hex without leading zero octets, so that two ways to write one are the same. */
export function canonicalSerial(hex: string): string {
  return hex.replace(/^(?:00)+(?=..)/, '');
}

function read(der: Buffer): RevocationList {
  const [list, algorithm, signature] = readElements(readOnly(der, Tag.sequence).contents);
  const [first, ...others] = readElements(expectTag(list, Tag.sequence).contents);
  const [inner, issuer, thisUpdate, ...rest] = first?.tag === Tag.integer ? others : [first, ...others];
  if (!expectTag(algorithm, Tag.sequence).bytes.equals(expectTag(inner, Tag.sequence).bytes)) throw refused('two algorithms');
  const nextUpdate = rest.find((element) => element?.tag === Tag.utcTime || element?.tag === Tag.generalizedTime);
  if (nextUpdate === undefined) throw refused('it does not say when the next one comes');
  const entries = rest.find((element) => element?.tag === Tag.sequence);
  refuseCritical(rest.find((element) => element?.tag === EXTENSIONS));
  return {
    der,
    issuer: expectTag(issuer, Tag.sequence).bytes,
    thisUpdate: readTime(thisUpdate),
    nextUpdate: readTime(nextUpdate),
    serials: new Set(entries === undefined ? [] : readElements(entries.contents).map(readEntry)),
    algorithm: expectTag(algorithm, Tag.sequence).bytes,
    signed: { bytes: expectTag(list, Tag.sequence).bytes, signature: wholeOctets(expectTag(signature, Tag.bitString)) },
  };
}

/** The first octet of a BIT STRING counts the bits that are not used. */
function wholeOctets({ contents }: DerElement): Buffer {
  if (contents[0] !== 0) throw refused('not a revocation list');
  return contents.subarray(1);
}

function readEntry(entry: DerElement): string {
  const [serial, , extensions] = readElements(expectTag(entry, Tag.sequence).contents);
  if (extensions !== undefined) refuseCritical({ contents: expectTag(extensions, Tag.sequence).bytes });
  return canonicalSerial(expectTag(serial, Tag.integer).contents.toString('hex'));
}

function refuseCritical(field: Pick<DerElement, 'contents'> | undefined): void {
  for (const { critical } of readExtensions(field).values()) {
    if (critical) throw refused('it has a critical extension that is not understood here');
  }
}

function refused(hint: string): IdentityError {
  return new IdentityError('crl_refused', hint);
}
