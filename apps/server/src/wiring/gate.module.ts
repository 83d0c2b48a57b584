import type { DynamicModule } from '@nestjs/common';
import { Authority } from '#access';
import { LogStore, LogWriter } from '#auditing';
import { Gate, Policy, Reader } from '#authz';
import { Clock } from '#identity';
import { KeyringHolder } from '#keys';
import { GroupCommitter, SqliteDatabase, StorageError } from '#storage';
import { Connections } from '../connections.ts';
import type { Surroundings } from './surroundings.module.ts';

class GateModule {}

/** The one way to anything stored: the gate, and behind it the committer and the log's writer. */
export function gateModule({ fatal, log: serverLog }: Surroundings, ...imports: DynamicModule[]): DynamicModule {
  return {
    module: GateModule,
    imports,
    providers: [
      { provide: LogWriter, inject: [LogStore, Clock], useFactory: (store: LogStore, clock: Clock) => new LogWriter(store, clock) },
      {
        provide: GroupCommitter,
        inject: [SqliteDatabase, LogWriter, KeyringHolder, Authority, Connections],
        useFactory: (database: SqliteDatabase, log: LogWriter, keyring: KeyringHolder, authority: Authority, connections: Connections) =>
          new GroupCommitter(database, log, {
            // Keys first: the authority's rows are opened with them.
            observers: [keyring, authority],
            expecting: () => connections.expecting(),
            fatal: () => fatal(new StorageError('commit_unknown')),
            condition: (problem) => {
              if (problem === undefined) serverLog.info('storage_recovered');
              else serverLog.error('storage_unavailable', { code: problem });
            },
          }),
      },
      {
        provide: Gate,
        inject: [Policy, Reader, GroupCommitter, Clock],
        useFactory: (policy: Policy, reader: Reader, committer: GroupCommitter, clock: Clock) => new Gate(policy, reader, committer, clock),
      },
    ],
    exports: [LogWriter, GroupCommitter, Gate],
  };
}
