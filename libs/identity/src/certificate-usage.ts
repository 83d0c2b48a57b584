import { KeyUsage, Oid, readBasicConstraints, readExtKeyUsage, readKeyUsage, type CertificateFields } from './certificate-fields.ts';

const KNOWN = new Set<string>([Oid.keyUsage, Oid.subjectAltName, Oid.basicConstraints, Oid.extKeyUsage]);

/** Whether an extension that must be understood is not (RFC 5280 §4.2). Name constraints are among them. */
export function hasUnknownCriticalExtension({ extensions }: CertificateFields): boolean {
  for (const [oid, { critical }] of extensions) if (critical && !KNOWN.has(oid)) return true;
  return false;
}

export function isInDate({ notBefore, notAfter }: CertificateFields, now: number): boolean {
  return notBefore <= now && now <= notAfter;
}

export function isCa({ extensions }: CertificateFields): boolean {
  const constraints = extensions.get(Oid.basicConstraints);
  return constraints !== undefined && readBasicConstraints(constraints.value).isCa;
}

/** How many intermediates may stand between this CA and a leaf. */
export function pathLengthOf({ extensions }: CertificateFields): number {
  const constraints = extensions.get(Oid.basicConstraints);
  return constraints === undefined ? 0 : readBasicConstraints(constraints.value).pathLength;
}

/** X509-SVID §4.3 and §4.4: a critical key usage says digitalSignature and nothing of a CA; an extended usage may be absent. */
export function mayAuthenticateClient(fields: CertificateFields): boolean {
  const keyUsage = fields.extensions.get(Oid.keyUsage);
  if (!keyUsage?.critical) return false;
  const bits = readKeyUsage(keyUsage.value);
  const ofCa = bits & (KeyUsage.keyCertSign | KeyUsage.cRLSign);
  return (bits & KeyUsage.digitalSignature) !== 0 && ofCa === 0 && allowsClientAuth(fields);
}

/** Whether this is a CA that may sign the certificates of TLS clients. */
export function maySignClients(fields: CertificateFields): boolean {
  const keyUsage = fields.extensions.get(Oid.keyUsage);
  return isCa(fields) && keyUsage !== undefined && (readKeyUsage(keyUsage.value) & KeyUsage.keyCertSign) !== 0 && allowsClientAuth(fields);
}

function allowsClientAuth({ extensions }: CertificateFields): boolean {
  const extended = extensions.get(Oid.extKeyUsage);
  return extended === undefined || readExtKeyUsage(extended.value).includes(Oid.clientAuth);
}
