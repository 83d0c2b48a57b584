/** Who may come in: operators, sessions, enrolments, certificates, revocations and roles, and the operations on them. */
export { ApplyRole } from './apply-role.ts';
export { Authenticator } from './authenticator.ts';
export { Authority } from './authority.ts';
export { NewAuthority } from './new-authority.ts';
export { CredentialAuthenticator } from './credential-authenticator.ts';
export { DeleteRole } from './delete-role.ts';
export { EnrolWorkload } from './enrol-workload.ts';
export { AccessError, type AccessCode } from './errors.ts';
export { GetRole } from './get-role.ts';
export { IssueCertificate } from './issue-certificate.ts';
export { Outbound, type OutboundAnswer, type OutboundRequest } from './outbound.ts';
export { ListRoles } from './list-roles.ts';
export { RevokeIdentity } from './revoke-identity.ts';
export { RolePolicy } from './role-policy.ts';
export { SetPassword } from './set-password.ts';
export { SignIn } from './sign-in.ts';
export { SignOut } from './sign-out.ts';
