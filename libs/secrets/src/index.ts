/** Operations on secrets, one class each: `new X(gate, …).perform(caller, request, …)`. */
export { DeleteSecret } from './delete-secret.ts';
export { DestroyVersions } from './destroy-versions.ts';
export { SecretsError, type SecretsCode } from './errors.ts';
export type { Labels } from './labels.ts';
export { ListSecrets, type ListQuery, type SecretList, type SecretListItem } from './list-secrets.ts';
export { ListVersions } from './list-versions.ts';
export type { WrittenSecret } from './new-version.ts';
export { PatchSecret, type SecretPatch } from './patch-secret.ts';
export { ReadBundle } from './read-bundle.ts';
export { ReadSecret, type SecretValue } from './read-secret.ts';
export { RestoreSecret } from './restore-secret.ts';
export type { SecretData } from './secret-data.ts';
export type { SecretHead, SecretVersion } from './secret-head.ts';
export { parsePath } from './secret-path.ts';
export { SecretRecords } from './secret-records.ts';
export { WriteSecret, type SecretInput } from './write-secret.ts';
