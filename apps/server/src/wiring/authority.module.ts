import type { DynamicModule } from '@nestjs/common';
import { Authenticator, Authority, CredentialAuthenticator, RolePolicy } from '#access';
import { Policy } from '#authz';
import { Clock } from '#identity';
import { KeyringHolder } from '#keys';
import { SecretLabels, SecretRecords } from '#secrets';

class AuthorityModule {}

/** Who may come in and do what, in memory while unsealed. */
export function authorityModule(surroundings: DynamicModule): DynamicModule {
  return {
    module: AuthorityModule,
    imports: [surroundings],
    providers: [
      KeyringHolder,
      { provide: Authority, inject: [Clock], useFactory: (clock: Clock) => new Authority(clock) },
      { provide: SecretRecords, inject: [KeyringHolder], useFactory: (holder: KeyringHolder) => new SecretRecords(holder) },
      {
        provide: Policy,
        inject: [Authority, SecretRecords],
        useFactory: (authority: Authority, records: SecretRecords) => new RolePolicy(authority, new SecretLabels(records)),
      },
      {
        provide: Authenticator,
        inject: [Authority, Clock],
        useFactory: (authority: Authority, clock: Clock) => new CredentialAuthenticator(authority, clock),
      },
    ],
    exports: [KeyringHolder, SecretRecords, Authority, Policy, Authenticator],
  };
}
