import type { DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { Vault } from '#keys';
import { GroupCommitter } from '#storage';
import { ApprovedAccesses } from '../approved-accesses.ts';
import { ActionGuard } from '../http/action.guard.ts';
import { Admission } from '../http/admission.ts';
import { AnswerBudget } from '../http/answer-budget.ts';
import { ApprovalDecisionsController, ApprovalsController } from '../http/approvals.controller.ts';
import { AuditController } from '../http/audit.controller.ts';
import { AuthzController } from '../http/authz.controller.ts';
import { Callers } from '../http/callers.ts';
import { CertificateStrategy } from '../http/certificate.strategy.ts';
import { DescriptionController } from '../http/description.controller.ts';
import { IssuersController } from '../http/issuers.controller.ts';
import { ListingController } from '../http/listing.controller.ts';
import { OperatorEndsController } from '../http/operator-ends.controller.ts';
import { OidcController } from '../http/oidc.controller.ts';
import { OperatorsController } from '../http/operators.controller.ts';
import { PasswordsController } from '../http/passwords.controller.ts';
import { ProblemFilter } from '../http/problem.filter.ts';
import { ProvidersController } from '../http/providers.controller.ts';
import { RateLimits } from '../http/rate-limits.ts';
import { RevocationsController } from '../http/revocations.controller.ts';
import { RolesController } from '../http/roles.controller.ts';
import { RoleVersionsController } from '../http/role-versions.controller.ts';
import { SecondFactorsController } from '../http/second-factors.controller.ts';
import { SecretsController } from '../http/secrets.controller.ts';
import { SessionsController } from '../http/sessions.controller.ts';
import { SessionStrategy } from '../http/session.strategy.ts';
import { Strategies } from '../http/strategies.ts';
import { SystemController } from '../http/system.controller.ts';
import { TokenStrategy } from '../http/token.strategy.ts';
import { TrustController } from '../http/trust.controller.ts';
import { TrustDocumentsController } from '../http/trust-documents.controller.ts';
import { VersionsController } from '../http/versions.controller.ts';
import { WorkloadsController } from '../http/workloads.controller.ts';
import { ExpiryWatch } from '../expiry-watch.ts';
import { Metrics } from '../metrics.ts';
import type { Surroundings } from './surroundings.module.ts';

/** One for each noun of the contract. */
export const CONTROLLERS = [
  ApprovalDecisionsController,
  ApprovalsController,
  AuditController,
  AuthzController,
  DescriptionController,
  IssuersController,
  ListingController,
  OidcController,
  OperatorEndsController,
  OperatorsController,
  PasswordsController,
  ProvidersController,
  RevocationsController,
  RoleVersionsController,
  RolesController,
  SecondFactorsController,
  SecretsController,
  SessionsController,
  SystemController,
  TrustController,
  TrustDocumentsController,
  VersionsController,
  WorkloadsController,
] as const;

class HttpModule {}

/** The HTTP edge: who asks, which route, and one answer for every error. */
export function httpModule({ settings }: Surroundings, ...imports: DynamicModule[]): DynamicModule {
  return {
    module: HttpModule,
    imports,
    controllers: [...CONTROLLERS],
    providers: [
      Admission,
      Callers,
      CertificateStrategy,
      SessionStrategy,
      TokenStrategy,
      Strategies,
      {
        provide: Metrics,
        inject: [Vault, GroupCommitter, ApprovedAccesses, ExpiryWatch],
        useFactory: (vault: Vault, committer: GroupCommitter, accesses: ApprovedAccesses, watch: ExpiryWatch) =>
          new Metrics({
            sealed: () => vault.state() !== 'unsealed',
            writable: () => committer.problem === undefined,
            approved: () => accesses.byAction,
            secondsLeft: () => watch.secondsLeft(),
          }),
      },
      { provide: AnswerBudget, useFactory: () => new AnswerBudget() },
      { provide: RateLimits, inject: [Metrics], useFactory: (metrics: Metrics) => new RateLimits(settings.limits, metrics) },
      { provide: APP_GUARD, useClass: ActionGuard },
      { provide: APP_FILTER, useClass: ProblemFilter },
    ],
  };
}
