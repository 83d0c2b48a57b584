import type { DynamicModule } from '@nestjs/common';
import { ExportLog, LogWriter, ReadCheckpoint } from '#auditing';
import { Gate } from '#authz';

class AuditModule {}

/** Operations on the audit log. */
export function auditModule(...imports: DynamicModule[]): DynamicModule {
  return {
    module: AuditModule,
    imports,
    providers: [ExportLog, ReadCheckpoint].map((operation) => ({
      provide: operation,
      inject: [Gate, LogWriter],
      useFactory: (gate: Gate, log: LogWriter) => new operation(gate, log),
    })),
    exports: [ExportLog, ReadCheckpoint],
  };
}
