/** Operations on secrets, one class each: `new X(gate, …).perform(caller, request, …)`. */
export { DeleteSecret } from './delete-secret.ts';
export { DestroyVersions } from './destroy-versions.ts';
export { SecretsError, type SecretsCode } from './errors.ts';
export { ListSecrets, type SecretList } from './list-secrets.ts';
export { ListVersions } from './list-versions.ts';
export { ListedSecrets } from './listed-secrets.ts';
export { PatchSecret } from './patch-secret.ts';
export { ReadBundle } from './read-bundle.ts';
export { ReadSecret, type SecretValue } from './read-secret.ts';
export { RestoreSecret } from './restore-secret.ts';
export type { SecretData } from './secret-data.ts';
export { SecretLabels } from './secret-labels.ts';
export { SecretRecords } from './secret-records.ts';
export { WriteSecret } from './write-secret.ts';
