import type { DynamicModule } from '@nestjs/common';
import {
  Authority,
  CertificateMint,
  DeleteIssuer,
  GetIssuer,
  type IssuancePolicy,
  IssueCertificate,
  ListIssuers,
  Outbound,
  PutIssuer,
  TokenReviewer,
  TrustedIssuers,
} from '#access';
import { Gate } from '#authz';
import { Clock } from '#identity';
import { apiServerOf } from '../api-server.ts';
import type { Settings } from '#settings';
import type { Surroundings } from './surroundings.module.ts';

const OPERATIONS = [DeleteIssuer, GetIssuer, ListIssuers, PutIssuer] as const;

class IssuanceModule {}

/** What turns a proof of identity into a certificate, and whose proofs count. */
export function issuanceModule({ settings }: Surroundings, ...imports: DynamicModule[]): DynamicModule {
  return {
    module: IssuanceModule,
    imports,
    providers: [
      ...OPERATIONS.map((operation) => ({
        provide: operation,
        inject: [Gate, Authority, Clock],
        useFactory: (gate: Gate, authority: Authority, clock: Clock) => new operation(gate, authority, clock),
      })),
      {
        provide: TrustedIssuers,
        inject: [Authority, Outbound, Clock],
        useFactory: (authority: Authority, outbound: Outbound, clock: Clock) =>
          new TrustedIssuers(authority, new TokenReviewer(outbound, () => apiServerOf(settings.kubernetes)), clock),
      },
      {
        provide: IssueCertificate,
        inject: [Gate, Authority, TrustedIssuers, Clock],
        useFactory: (gate: Gate, authority: Authority, issuers: TrustedIssuers, clock: Clock) =>
          new IssueCertificate(gate, new CertificateMint(authority, clock, policyOf(settings)), issuers),
      },
    ],
    exports: [IssueCertificate, ...OPERATIONS],
  };
}

function policyOf({ certificates, serverNames }: Settings): IssuancePolicy {
  return { ...certificates, reservedNames: serverNames };
}
