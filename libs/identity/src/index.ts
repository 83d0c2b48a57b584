export { ANONYMOUS, SERVER, type AuthenticationMethod, type Principal } from './principal.ts';
export { Clock, systemClock } from './clock.ts';
export { IdentityError, PasswordError, type IdentityCode, type PasswordCode } from './errors.ts';
export { parseSpiffeId, parseTrustDomain, type SpiffeId } from './spiffe-id.ts';
export {
  fingerprintOf,
  inspectCertificate,
  type CertificateDefect,
  type DefectiveCertificate,
  type WorkloadCertificate,
} from './inspect-certificate.ts';
export { presentedBy, TrustBundle, TrustBundles } from './trust-bundle.ts';
export { checkCertificateRequest, type CertificateRequest } from './certificate-request.ts';
export {
  CertificateAuthority,
  type IssuedCertificate,
  type IssuingMaterial,
  type Lifetime,
  type ServerRequest,
  type WorkloadRequest,
} from './certificate-authority.ts';
export { hashPassword, PASSWORD_COST, verifyPassword, type PasswordCost } from './password.ts';
export { isToken, newToken, type TokenKind } from './one-time-token.ts';
