import { fingerprintOf, type TrustBundle } from '#identity';
import type { TrustBundleRecord } from '../authority/records.ts';

/** A trust bundle as it is shown. */
export interface DescribedBundle {
  readonly trustDomain: string;
  readonly certificates: readonly {
    readonly fingerprint: string;
    readonly subject: string;
    readonly notBefore: string;
    readonly notAfter: string;
    readonly pem: string;
  }[];
  /** Of the revocation lists that are checked, with the fingerprint of the CA whose each is. */
  readonly lists: readonly {
    readonly issuer: string;
    readonly thisUpdate: string;
    readonly nextUpdate: string;
    readonly revoked: number;
  }[];
  readonly sequence?: number;
  readonly refreshHint?: number;
  readonly updatedAt?: string;
  readonly updatedBy?: string;
}

export function described({ trustDomain, certificates, lists }: TrustBundle, record: TrustBundleRecord): DescribedBundle {
  const { sequence, refreshHint, updatedAt, updatedBy } = record;
  return {
    trustDomain,
    certificates: certificates.map((certificate) => ({
      fingerprint: fingerprintOf(certificate),
      subject: certificate.subject ?? '',
      notBefore: certificate.validFromDate.toISOString(),
      notAfter: certificate.validToDate.toISOString(),
      pem: certificate.toString(),
    })),
    lists: lists.map(({ list, signer }) => ({
      issuer: fingerprintOf(signer.certificate),
      thisUpdate: new Date(list.thisUpdate).toISOString(),
      nextUpdate: new Date(list.nextUpdate).toISOString(),
      revoked: list.serials.size,
    })),
    sequence,
    refreshHint,
    updatedAt,
    updatedBy,
  };
}

/** As rules write a trust domain. */
export function trustDomainResource(name: string): string {
  return `trust-domain:${name}`;
}
