import type { DynamicModule } from '@nestjs/common';
import { Gate } from '#authz';
import { Clock } from '#identity';
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

type Operation = new (gate: Gate, records: SecretRecords, clock: Clock) => object;

const OPERATIONS: readonly Operation[] = [
  DeleteSecret,
  DestroyVersions,
  ListSecrets,
  ListVersions,
  PatchSecret,
  ReadSecret,
  RestoreSecret,
  WriteSecret,
];

class SecretsModule {}

/** Operations on secrets. */
export function secretsModule(...imports: DynamicModule[]): DynamicModule {
  return {
    module: SecretsModule,
    imports,
    providers: [
      ...OPERATIONS.map((operation) => ({
        provide: operation,
        inject: [Gate, SecretRecords, Clock],
        useFactory: (gate: Gate, records: SecretRecords, clock: Clock) => new operation(gate, records, clock),
      })),
      {
        provide: ReadBundle,
        inject: [Gate, SecretRecords, ReadSecret, Clock],
        useFactory: (gate: Gate, records: SecretRecords, read: ReadSecret, clock: Clock) => new ReadBundle(gate, records, read, clock),
      },
    ],
    exports: [ReadBundle, ...OPERATIONS],
  };
}
