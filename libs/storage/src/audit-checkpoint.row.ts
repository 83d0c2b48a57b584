import { EntitySchema } from 'typeorm';

/** A signed note over the first `size` entries. Never updated, never deleted. */
export interface AuditCheckpointRow {
  size: number;
  note: string;
}

export const auditCheckpointSchema = new EntitySchema<AuditCheckpointRow>({
  name: 'audit_checkpoint',
  columns: {
    size: { type: 'integer', primary: true },
    note: { type: 'text' },
  },
});
