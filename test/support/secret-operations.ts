import type { Role } from '#authz';
import {
  DeleteSecret,
  DestroyVersions,
  ListSecrets,
  ListVersions,
  PatchSecret,
  ReadBundle,
  ReadSecret,
  RestoreSecret,
  SecretRecords,
  WriteSecret,
} from '#secrets';
import { unsealed } from './unsealed.ts';

/** Every operation on secrets, over a database in memory. */
export async function secretOperations(roles: readonly Role[]) {
  const server = await unsealed(roles);
  const { gate, clock, holder } = server;
  const records = new SecretRecords(holder);
  const read = new ReadSecret(gate, records, clock);
  return {
    ...server,
    read,
    write: new WriteSecret(gate, records, clock),
    patch: new PatchSecret(gate, records, clock),
    remove: new DeleteSecret(gate, records, clock),
    restore: new RestoreSecret(gate, records),
    destroy: new DestroyVersions(gate, records, clock),
    versions: new ListVersions(gate, records),
    list: new ListSecrets(gate, records),
    bundle: new ReadBundle(gate, records, read, clock),
  };
}
