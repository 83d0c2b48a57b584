import type { DynamicModule } from '@nestjs/common';
import { Authenticator, Authority, CredentialAuthenticator, RolePolicy } from '#access';
import { Policy } from '#authz';
import { Clock } from '#identity';
import { KeyringHolder } from '#keys';
import { SecretLabels, SecretRecords } from '#secrets';
import { ApprovedAccesses } from '../approved-accesses.ts';
import { Log } from '../log.ts';

class AuthorityModule {}

/** Who may come in and do what, in memory while unsealed. */
export function authorityModule(surroundings: DynamicModule): DynamicModule {
  return {
    module: AuthorityModule,
    imports: [surroundings],
    providers: [
      KeyringHolder,
      { provide: ApprovedAccesses, inject: [Log], useFactory: (log: Log) => new ApprovedAccesses(log) },
      { provide: Authority, inject: [Clock], useFactory: (clock: Clock) => new Authority(clock) },
      { provide: SecretRecords, inject: [KeyringHolder], useFactory: (holder: KeyringHolder) => new SecretRecords(holder) },
      {
        provide: Policy,
        inject: [Authority, SecretRecords, ApprovedAccesses],
        useFactory: (authority: Authority, records: SecretRecords, approved: ApprovedAccesses) =>
          new RolePolicy(authority, new SecretLabels(records), approved),
      },
      {
        provide: Authenticator,
        inject: [Authority, Clock],
        useFactory: (authority: Authority, clock: Clock) => new CredentialAuthenticator(authority, clock),
      },
    ],
    exports: [ApprovedAccesses, KeyringHolder, SecretRecords, Authority, Policy, Authenticator],
  };
}
