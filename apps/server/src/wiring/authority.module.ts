import type { DynamicModule } from '@nestjs/common';
import { Authenticator, Authority, CredentialAuthenticator, RolePolicy } from '#access';
import { Policy } from '#authz';
import { Clock } from '#identity';
import { KeyringHolder } from '#keys';

class AuthorityModule {}

/** Who may come in and do what, in memory while unsealed. */
export function authorityModule(surroundings: DynamicModule): DynamicModule {
  return {
    module: AuthorityModule,
    imports: [surroundings],
    providers: [
      KeyringHolder,
      { provide: Authority, inject: [Clock], useFactory: (clock: Clock) => new Authority(clock) },
      { provide: Policy, inject: [Authority], useFactory: (authority: Authority) => new RolePolicy(authority) },
      {
        provide: Authenticator,
        inject: [Authority, Clock],
        useFactory: (authority: Authority, clock: Clock) => new CredentialAuthenticator(authority, clock),
      },
    ],
    exports: [KeyringHolder, Authority, Policy, Authenticator],
  };
}
