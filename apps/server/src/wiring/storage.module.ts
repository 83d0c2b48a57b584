import type { DynamicModule } from '@nestjs/common';
import { LogStore } from '#auditing';
import { Reader } from '#authz';
import { BootstrapTokenStore, KeyFile, SlotFileStore, UnsealJournal, VaultDatabase } from '#keys';
import { FileBootstrapTokenStore, FileSlotStore, FileUnsealJournal, NamedKeyFile, SqliteDatabase, TypeormLogStore } from '#storage';
import type { Surroundings } from './surroundings.module.ts';

class StorageModule {}

/** The encrypted database, and the small files beside it that are read while it is closed. */
export function storageModule({ lock, settings }: Surroundings): DynamicModule {
  const { directory } = lock;
  const database = new SqliteDatabase(lock);
  return {
    module: StorageModule,
    providers: [
      { provide: SqliteDatabase, useValue: database },
      { provide: VaultDatabase, useValue: database },
      { provide: Reader, useValue: database.reader },
      { provide: LogStore, useValue: new TypeormLogStore(database) },
      { provide: SlotFileStore, useValue: new FileSlotStore(directory) },
      { provide: UnsealJournal, useValue: new FileUnsealJournal(directory) },
      { provide: BootstrapTokenStore, useValue: new FileBootstrapTokenStore(directory) },
      { provide: KeyFile, useValue: new NamedKeyFile(settings.unseal.file) },
    ],
    exports: [SqliteDatabase, VaultDatabase, Reader, LogStore, SlotFileStore, UnsealJournal, BootstrapTokenStore, KeyFile],
  };
}
