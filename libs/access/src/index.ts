/** Who may come in: operators, sessions, enrolments, certificates, revocations and roles, and the operations on them. */
export { ApplyRole } from './apply-role.ts';
export { Authenticator } from './authenticator.ts';
export { Authority } from './authority.ts';
export { NewAuthority } from './new-authority.ts';
export { CredentialAuthenticator } from './credential-authenticator.ts';
export { DeleteRole } from './delete-role.ts';
export { EnrolWorkload, type Enrolment, type EnrolmentRequest } from './enrol-workload.ts';
export { AccessError, type AccessCode } from './errors.ts';
export { GetRole } from './get-role.ts';
export { IssueCertificate, type Certificate, type CertificateOrder } from './issue-certificate.ts';
export { ListRoles } from './list-roles.ts';
export type { StoredRole } from './records.ts';
export { RevokeIdentity, type Revocation } from './revoke-identity.ts';
export { RolePolicy } from './role-policy.ts';
export { SetPassword, type PasswordChange } from './set-password.ts';
export { SignIn, type Session } from './sign-in.ts';
export { SignOut } from './sign-out.ts';
