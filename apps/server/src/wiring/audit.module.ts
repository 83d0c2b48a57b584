import type { DynamicModule } from '@nestjs/common';
import { ExportLog, LogHistory, LogWriter, ReadCheckpoint } from '#auditing';
import { AccessHistory, Gate } from '#authz';

class AuditModule {}

/** Operations on the audit log. */
export function auditModule(...imports: DynamicModule[]): DynamicModule {
  return {
    module: AuditModule,
    imports,
    providers: [
      { provide: AccessHistory, inject: [LogWriter], useFactory: (log: LogWriter) => new LogHistory(log) },
      ...[ExportLog, ReadCheckpoint].map((operation) => ({
        provide: operation,
        inject: [Gate, LogWriter],
        useFactory: (gate: Gate, log: LogWriter) => new operation(gate, log),
      })),
    ],
    exports: [AccessHistory, ExportLog, ReadCheckpoint],
  };
}
