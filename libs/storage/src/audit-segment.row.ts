import { EntitySchema } from 'typeorm';

/** A run of batches under one data key. Only `wrapped` may change: a rotation wraps the key anew. */
export interface AuditSegmentRow {
  id: number;
  wrapped: Buffer;
}

export const auditSegmentSchema = new EntitySchema<AuditSegmentRow>({
  name: 'audit_segment',
  columns: {
    id: { type: 'integer', primary: true },
    wrapped: { type: 'blob' },
  },
});
