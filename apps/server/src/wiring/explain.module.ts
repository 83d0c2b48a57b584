import type { DynamicModule } from '@nestjs/common';
import { Authority, ExplainAccess, FindWhoCan, SimulateRole, SuggestRole } from '#access';
import { AccessHistory, Gate } from '#authz';
import { ListedSecrets, SecretLabels, SecretRecords } from '#secrets';
import { Clock } from '#identity';

class ExplainModule {}

/** Questions about the rules, answered from the roles and the log. */
export function explainModule(...imports: DynamicModule[]): DynamicModule {
  return {
    module: ExplainModule,
    imports,
    providers: [
      {
        provide: ExplainAccess,
        inject: [Gate, Authority, Clock, AccessHistory, SecretRecords],
        useFactory: (gate: Gate, authority: Authority, clock: Clock, history: AccessHistory, records: SecretRecords) =>
          new ExplainAccess(gate, authority, clock, { history, labels: new SecretLabels(records) }),
      },
      {
        provide: FindWhoCan,
        inject: [Gate, Authority, Clock],
        useFactory: (gate: Gate, authority: Authority, clock: Clock) => new FindWhoCan(gate, authority, clock),
      },
      {
        provide: SimulateRole,
        inject: [Gate, Authority, Clock, AccessHistory, SecretRecords],
        useFactory: (gate: Gate, authority: Authority, clock: Clock, history: AccessHistory, records: SecretRecords) =>
          new SimulateRole(gate, authority, clock, { history, inventory: new ListedSecrets(records) }),
      },
      {
        provide: SuggestRole,
        inject: [Gate, Authority, Clock, AccessHistory],
        useFactory: (gate: Gate, authority: Authority, clock: Clock, history: AccessHistory) =>
          new SuggestRole(gate, authority, clock, history),
      },
    ],
    exports: [ExplainAccess, FindWhoCan, SimulateRole, SuggestRole],
  };
}
