import type { DynamicModule, Provider } from '@nestjs/common';
import {
  ApplyRole,
  ApplyRoles,
  Authority,
  CancelApproval,
  CompareRoleVersions,
  DecideApproval,
  DeleteRole,
  DeleteTrustBundle,
  EnrolWorkload,
  GetApproval,
  GetRole,
  GetTrustBundle,
  LiftRevocation,
  ListRevocations,
  ListApprovals,
  ListRoles,
  ListRoleVersions,
  ListTrustBundles,
  PutCrls,
  PutTrustBundle,
  ReadSpiffeBundle,
  RequestApproval,
  RevokeIdentity,
} from '#access';
import { Gate } from '#authz';
import { Clock } from '#identity';
import type { Surroundings } from './surroundings.module.ts';

type Operation = new (gate: Gate, authority: Authority, clock: Clock, ttl: number) => object;

class AccessModule {}

/** Operations on workloads, roles and approvals. */
export function accessModule({ settings }: Surroundings, ...imports: DynamicModule[]): DynamicModule {
  const timed: [Operation, number][] = [[EnrolWorkload, settings.enrolments.ttl]];
  const roles: Operation[] = [ApplyRole, ApplyRoles, CompareRoleVersions, DeleteRole, GetRole, ListRoles, ListRoleVersions];
  const revocations: Operation[] = [LiftRevocation, ListRevocations, RevokeIdentity];
  const trust: Operation[] = [DeleteTrustBundle, GetTrustBundle, ListTrustBundles, PutCrls, PutTrustBundle, ReadSpiffeBundle];
  const approvals: Operation[] = [CancelApproval, DecideApproval, GetApproval, ListApprovals, RequestApproval];
  const untimed: Operation[] = [...roles, ...approvals, ...revocations, ...trust];
  const operations = [...timed, ...untimed.map((operation): [Operation, number] => [operation, 0])];
  return {
    module: AccessModule,
    imports,
    providers: operations.map(([operation, ttl]) => provide(operation, ttl)),
    exports: operations.map(([operation]) => operation),
  };
}

function provide(operation: Operation, ttl: number): Provider {
  return {
    provide: operation,
    inject: [Gate, Authority, Clock],
    useFactory: (gate: Gate, authority: Authority, clock: Clock) => new operation(gate, authority, clock, ttl),
  };
}
