/** Values and checks: principals, SPIFFE ids, certificates, trust bundles, the issuing CA, passwords and tokens. Pure. */
export { ANONYMOUS, FIRST_OPERATOR, SERVER, subjectOf, type Principal } from './principal.ts';
export { Attempts, type Pace } from './attempts.ts';
export { Clock, systemClock } from './clock.ts';
export { IdentityError, PasswordError, type IdentityCode, type PasswordCode } from './errors.ts';
export { parseSpiffeId, parseTrustDomain } from './spiffe-id.ts';
export type { CertificateDefect } from './certificate-defect.ts';
export { fingerprintOf, inspectCertificate, type WorkloadCertificate } from './inspect-certificate.ts';
export { presentedBy, TrustBundle, TrustBundles } from './trust-bundle.ts';
export { checkCertificateRequest, type CertificateRequest } from './certificate-request.ts';
export { CertificateAuthority, type IssuingMaterial } from './certificate-authority.ts';
export { Passwords, type PasswordCost } from './password.ts';
export { isToken, newToken, type TokenKind } from './one-time-token.ts';
export { readToken, type Claims, type JsonWebToken } from './json-web-token.ts';
export { JwtError, type JwtDefect } from './jwt-error.ts';
export { IssuerKeys, readKeySet, type IssuerKey } from './issuer-keys.ts';
export { boundPodOf, checkClaims, claimAt, CLOCK_SKEW, type BoundPod } from './claims.ts';
export { IdTemplate } from './id-template.ts';
export { newLine, placeOf, type LinePlace } from './certificate-line.ts';
