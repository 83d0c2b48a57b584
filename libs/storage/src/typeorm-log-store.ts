import { LogStore, type CheckpointRow } from '#auditing';
import { AuthzError, type LogRow } from '#authz';
import type { DataSource } from 'typeorm';
import { auditBatchSchema } from './audit-batch.row.ts';
import { auditCheckpointSchema } from './audit-checkpoint.row.ts';
import { auditSegmentSchema } from './audit-segment.row.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** Where the log ended, read through repositories on the read-only connection. */
export class TypeormLogStore extends LogStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    super();
    this.#database = database;
  }

  override async lastRow(): Promise<LogRow | undefined> {
    return this.#read(async (source) => {
      const [row] = await source.getRepository(auditBatchSchema).find({ order: { firstIndex: 'DESC' }, take: 1 });
      return row;
    });
  }

  override async segmentKey(segment: number): Promise<Buffer | undefined> {
    return this.#read(async (source) => (await source.getRepository(auditSegmentSchema).findOneBy({ id: segment }))?.wrapped);
  }

  override async lastCheckpoint(): Promise<CheckpointRow | undefined> {
    return this.#read(async (source) => {
      const [row] = await source.getRepository(auditCheckpointSchema).find({ order: { size: 'DESC' }, take: 1 });
      return row;
    });
  }

  async #read<T>(work: (source: DataSource) => Promise<T>): Promise<T> {
    const { source } = this.#database.opened.reader;
    try {
      return await work(source);
    } catch {
      throw new AuthzError('storage_unavailable');
    }
  }
}
