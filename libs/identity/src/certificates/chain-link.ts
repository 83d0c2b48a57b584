import type { KeyObject, X509Certificate } from 'node:crypto';

import { readCertificate, type CertificateFields } from './certificate-fields.ts';
import { DerError } from './der.ts';
import { publicKeyOf } from './key-strength.ts';
import type { RevocationList } from './revocation-list.ts';

/** A certificate with what is asked of it more than once. */
export interface Link {
  readonly certificate: X509Certificate;
  readonly fields: CertificateFields;
  readonly key: KeyObject;
}

/** A revocation list and the CA that signed it. */
export interface SignedList {
  readonly list: RevocationList;
  readonly signer: Link;
}

/** Undefined where it can't be read: what a peer adds for others is no reason to refuse it. */
export function readLink(certificate: X509Certificate): Link | undefined {
  try {
    return { certificate, fields: readCertificate(certificate.raw), key: publicKeyOf(certificate) };
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
