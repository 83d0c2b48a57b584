import type { ResponseOf } from '#contract';

/** A trust bundle for a person. */
export function bundleLines({ trustDomain, certificates, lists }: ResponseOf<'getTrustBundle'>): string[] {
  return [
    trustDomain,
    ...certificates.map(({ fingerprint, subject, notAfter }) => `  CA ${fingerprint} until ${notAfter} ${subject.replaceAll('\n', ', ')}`),
    ...lists.map(({ issuer, nextUpdate, revoked }) => `  CRL of ${issuer} until ${nextUpdate}: ${revoked} revoked`),
  ];
}
