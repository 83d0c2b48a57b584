import type { DynamicModule } from '@nestjs/common';
import {
  Authority,
  DeleteProvider,
  FinishSignIn,
  GetProvider,
  ListProviders,
  OpenIdConnect,
  Outbound,
  PutProvider,
  SignInFlows,
  StartSignIn,
} from '#access';
import { Gate } from '#authz';
import { Clock } from '#identity';
import { OpenIdClient } from '../openid-connect.ts';

class OidcModule {}

type OnRecord = new (gate: Gate, authority: Authority, clock: Clock) => object;

const ON_RECORD: readonly OnRecord[] = [DeleteProvider, GetProvider, ListProviders, PutProvider];

/** OpenID providers on record, and signing in there: the two halves, and what they share meanwhile. */
export function oidcModule(...imports: DynamicModule[]): DynamicModule {
  return {
    module: OidcModule,
    imports,
    providers: [
      ...ON_RECORD.map((operation) => ({
        provide: operation,
        inject: [Gate, Authority, Clock],
        useFactory: (gate: Gate, authority: Authority, clock: Clock) => new operation(gate, authority, clock),
      })),
      {
        provide: OpenIdConnect,
        inject: [Outbound, Clock],
        useFactory: (outbound: Outbound, clock: Clock) => new OpenIdClient(outbound, clock),
      },
      { provide: SignInFlows, inject: [Clock], useFactory: (clock: Clock) => new SignInFlows(clock) },
      {
        provide: StartSignIn,
        inject: [Gate, Authority, OpenIdConnect, SignInFlows],
        useFactory: (gate: Gate, authority: Authority, protocol: OpenIdConnect, flows: SignInFlows) =>
          new StartSignIn(gate, authority, { protocol, flows }),
      },
      {
        provide: FinishSignIn,
        inject: [Gate, Authority, OpenIdConnect, SignInFlows, Clock],
        useFactory: (gate: Gate, authority: Authority, protocol: OpenIdConnect, flows: SignInFlows, clock: Clock) =>
          new FinishSignIn(gate, authority, { protocol, flows }, clock),
      },
    ],
    exports: [StartSignIn, FinishSignIn, ...ON_RECORD],
  };
}
