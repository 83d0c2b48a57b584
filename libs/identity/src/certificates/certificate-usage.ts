import type { CertificateDefect } from './certificate-defect.ts';
import {
  KeyUsage,
  Oid,
  readBasicConstraints,
  readExtKeyUsage,
  readKeyUsage,
  readUriNames,
  type CertificateFields,
} from './certificate-fields.ts';
import { isStrongSignature } from './signature-algorithm.ts';

const OF_LEAF = new Set<string>([Oid.keyUsage, Oid.subjectAltName, Oid.basicConstraints, Oid.extKeyUsage]);
const OF_CA = new Set<string>([...OF_LEAF, Oid.nameConstraints]);
/** RFC 5280 §4.1.2.2: at most 20 octets. */
const MAX_SERIAL_HEX = 40;

/**
 * What keeps a certificate from naming a workload, beside its names and its key: X509-SVID §4 and §5, and RFC 5280 §4.2 on extensions that
 * must be understood. An extended usage may be absent.
 *
 * @throws DerError
 */
export function leafDefectOf(fields: CertificateFields, now: number): CertificateDefect | undefined {
  if (fields.version !== 3) return 'not_version_3';
  if (!isPositive(fields.serial)) return 'bad_serial';
  if (hasUnknownCritical(fields, OF_LEAF)) return 'unknown_critical_extension';
  if (isCa(fields)) return 'is_ca';
  if (now < fields.notBefore) return 'not_yet_valid';
  if (now > fields.notAfter) return 'expired';
  if (!mayAuthenticate(fields)) return 'wrong_key_usage';
  if (!allowsClientAuth(fields)) return 'wrong_extended_key_usage';
  return isStrongSignature(fields.signature) ? undefined : 'weak_signature';
}

/** What keeps a certificate from being a CA that may sign the certificates of TLS clients, at any time. @throws DerError */
export function caDefectOf(fields: CertificateFields): CertificateDefect | undefined {
  if (!isCa(fields)) return 'ca_not_a_ca';
  if (hasUnknownCritical(fields, OF_CA)) return 'ca_unknown_critical_extension';
  if (!maySign(fields, KeyUsage.keyCertSign)) return 'ca_wrong_key_usage';
  return allowsClientAuth(fields) ? undefined : 'ca_wrong_extended_key_usage';
}

/** What keeps a CA from being one now. */
export function caDateDefectOf({ notBefore, notAfter }: CertificateFields, now: number): CertificateDefect | undefined {
  if (now < notBefore) return 'ca_not_yet_valid';
  return now > notAfter ? 'ca_expired' : undefined;
}

/** Whether this CA's key may sign revocation lists, or its certificates. */
export function maySign({ extensions }: CertificateFields, usage: number): boolean {
  const keyUsage = extensions.get(Oid.keyUsage);
  return keyUsage !== undefined && (readKeyUsage(keyUsage.value) & usage) !== 0;
}

/** How many intermediates may stand between this CA and a leaf. */
export function pathLengthOf({ extensions }: CertificateFields): number {
  const constraints = extensions.get(Oid.basicConstraints);
  return constraints === undefined ? 0 : readBasicConstraints(constraints.value).pathLength;
}

/** Whether a CA that has a SPIFFE ID (X509-SVID §4.1: it needs none) has that of this trust domain. */
export function isOfTrustDomain({ extensions }: CertificateFields, trustDomain: string): boolean {
  const names = extensions.get(Oid.subjectAltName);
  const ids = names === undefined ? [] : readUriNames(names.value).uris.filter((uri) => uri.startsWith('spiffe:'));
  return ids.every((id) => id === `spiffe://${trustDomain}` || id.startsWith(`spiffe://${trustDomain}/`));
}

function isCa({ extensions }: CertificateFields): boolean {
  const constraints = extensions.get(Oid.basicConstraints);
  return constraints !== undefined && readBasicConstraints(constraints.value).isCa;
}

function hasUnknownCritical({ extensions }: CertificateFields, known: ReadonlySet<string>): boolean {
  for (const [oid, { critical }] of extensions) if (critical && !known.has(oid)) return true;
  return false;
}

/** X509-SVID §4.3: a critical key usage says digitalSignature and nothing of a CA. */
function mayAuthenticate({ extensions }: CertificateFields): boolean {
  const keyUsage = extensions.get(Oid.keyUsage);
  if (!keyUsage?.critical) return false;
  const bits = readKeyUsage(keyUsage.value);
  return (bits & KeyUsage.digitalSignature) !== 0 && (bits & (KeyUsage.keyCertSign | KeyUsage.cRLSign)) === 0;
}

function allowsClientAuth({ extensions }: CertificateFields): boolean {
  const extended = extensions.get(Oid.extKeyUsage);
  return extended === undefined || readExtKeyUsage(extended.value).includes(Oid.clientAuth);
}

function isPositive(serial: string): boolean {
  const significant = serial.replace(/^00/, '');
  return serial < '80' && significant.length > 0 && !/^0+$/.test(significant) && significant.length <= MAX_SERIAL_HEX;
}
