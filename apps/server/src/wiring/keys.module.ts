import type { DynamicModule } from '@nestjs/common';
import { Authority, NewAuthority } from '#access';
import { LogWriter } from '#auditing';
import { Gate } from '#authz';
import { Clock } from '#identity';
import {
  AuthorityBootstrap,
  BootstrapTokenStore,
  InitializeVault,
  KeyFile,
  KeyringHolder,
  LookAround,
  SealedAttempts,
  SealVault,
  SlotFileStore,
  type UnsealedPart,
  UnsealJournal,
  UnsealVault,
  Vault,
  VaultDatabase,
} from '#keys';
import { GroupCommitter } from '#storage';
import { ExpiryWatch } from '../expiry-watch.ts';
import { FoldedEntries } from '../folded-entries.ts';
import { ServerCertificate } from '../server-certificate.ts';
import { WorkloadDoor } from '../workload-door.ts';
import type { Surroundings } from './surroundings.module.ts';

class KeysModule {}

type Part = abstract new (...needs: never[]) => UnsealedPart;

/** What it takes to record anything, in the order in which it is told of the keys. */
const RECORDS: readonly Part[] = [KeyringHolder, LogWriter, GroupCommitter, Authority, ServerCertificate];
/** What serves, told once the unsealing is recorded; the listener for workloads comes last, and goes first. */
const SERVES: readonly Part[] = [FoldedEntries, ExpiryWatch, WorkloadDoor];

/** The seal: who is told when it opens and closes, and the operations that move it. */
export function keysModule({ settings }: Surroundings, ...imports: DynamicModule[]): DynamicModule {
  return {
    module: KeysModule,
    imports,
    providers: [
      {
        provide: Vault,
        inject: [SlotFileStore, VaultDatabase, Clock, ...RECORDS, ...SERVES],
        useFactory: (slots: SlotFileStore, database: VaultDatabase, clock: Clock, ...parts: UnsealedPart[]) =>
          new Vault(slots, database, { records: parts.slice(0, RECORDS.length), serves: parts.slice(RECORDS.length) }, clock),
      },
      { provide: AuthorityBootstrap, inject: [Clock], useFactory: (clock: Clock) => new NewAuthority(settings.trustDomain, clock) },
      {
        provide: SealedAttempts,
        inject: [UnsealJournal, GroupCommitter, Gate, Clock],
        useFactory: (journal: UnsealJournal, committer: GroupCommitter, gate: Gate, clock: Clock) =>
          new SealedAttempts(journal, committer, gate, clock),
      },
      {
        provide: InitializeVault,
        inject: [Vault, Gate, SealedAttempts, BootstrapTokenStore, KeyFile, AuthorityBootstrap],
        useFactory: (
          vault: Vault,
          gate: Gate,
          attempts: SealedAttempts,
          tokens: BootstrapTokenStore,
          keyFile: KeyFile,
          authority: AuthorityBootstrap,
        ) => new InitializeVault(vault, gate, attempts, { tokens, keyFile, authority }),
      },
      {
        provide: UnsealVault,
        inject: [Vault, Gate, SealedAttempts, KeyFile],
        useFactory: (vault: Vault, gate: Gate, attempts: SealedAttempts, keyFile: KeyFile) =>
          new UnsealVault(vault, gate, attempts, keyFile),
      },
      { provide: LookAround, inject: [Vault, Gate], useFactory: (vault: Vault, gate: Gate) => new LookAround(vault, gate) },
      { provide: SealVault, inject: [Vault, Gate], useFactory: (vault: Vault, gate: Gate) => new SealVault(vault, gate) },
    ],
    exports: [Vault, InitializeVault, LookAround, UnsealVault, SealVault],
  };
}
