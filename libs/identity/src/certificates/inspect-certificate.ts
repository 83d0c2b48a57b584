import type { X509Certificate } from 'node:crypto';

import type { CertificateDefect } from './certificate-defect.ts';
import { Oid, readCertificate, readUriNames } from './certificate-fields.ts';
import { leafDefectOf } from './certificate-usage.ts';
import { DerError } from './der.ts';
import { IdentityError } from '../errors.ts';
import { isStrongKey, publicKeyOf } from './key-strength.ts';
import { parseSpiffeId, type SpiffeId } from './spiffe-id.ts';

/** A certificate that is well formed as an X509-SVID. Whether it is trusted is another question. */
export interface WorkloadCertificate {
  readonly ok: true;
  readonly spiffeId: SpiffeId;
  /** `sha256:` and the lower-case hex of SHA-256 over the whole certificate. */
  readonly fingerprint: string;
  /** Lower-case hex. */
  readonly serial: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

interface DefectiveCertificate {
  readonly ok: false;
  readonly defect: CertificateDefect;
}

/**
 * Reads a client certificate as an X509-SVID leaf (X509-SVID §2 to §5): exactly one URI SAN, and that the SPIFFE ID of a workload; not
 * a CA; in date; a usage that allows it to authenticate a client; a strong key. Names are read from the DER, never from a text that
 * stands for it. No signature is checked here: that is `TrustBundle.examine`.
 */
export function inspectCertificate(certificate: X509Certificate, now: Date): WorkloadCertificate | DefectiveCertificate {
  try {
    return inspect(certificate, now.getTime());
  } catch (error) {
    if (error instanceof DerError) return defective('malformed');
    if (error instanceof IdentityError) return defective('invalid_spiffe_id');
    throw error;
  }
}

/** `sha256:` and the lower-case hex of SHA-256 over the certificate's DER. */
export function fingerprintOf(certificate: X509Certificate): string {
  return `sha256:${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`;
}

function inspect(certificate: X509Certificate, now: number): WorkloadCertificate | DefectiveCertificate {
  const fields = readCertificate(certificate.raw);
  const names = fields.extensions.get(Oid.subjectAltName);
  const [uri, ...more] = names === undefined ? [] : readUriNames(names.value).uris;
  if (uri === undefined) return defective('no_uri_san');
  if (more.length > 0) return defective('several_uri_sans');
  const spiffeId = parseSpiffeId(uri);
  const defect = leafDefectOf(fields, now) ?? (isStrongKey(publicKeyOf(certificate)) ? undefined : 'weak_key');
  if (defect !== undefined) return defective(defect);
  const { serial, notBefore, notAfter } = fields;
  return { ok: true, spiffeId, fingerprint: fingerprintOf(certificate), serial, notBefore, notAfter };
}

function defective(defect: CertificateDefect): DefectiveCertificate {
  return { ok: false, defect };
}
