import { EntitySchema } from 'typeorm';

/** The entries of one commit, sealed together. Never updated, never deleted: triggers refuse it. */
export interface AuditBatchRow {
  firstIndex: number;
  count: number;
  segment: number;
  sealed: Buffer;
}

export const auditBatchSchema = new EntitySchema<AuditBatchRow>({
  name: 'audit_batch',
  columns: {
    firstIndex: { name: 'first_index', type: 'integer', primary: true },
    count: { type: 'integer' },
    segment: { type: 'integer' },
    sealed: { type: 'blob' },
  },
});
