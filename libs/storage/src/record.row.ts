import { EntitySchema } from 'typeorm';

/** One sealed row of any kind, at its blind index. */
export interface RecordRow {
  kind: string;
  key: string;
  rev: number;
  wrapped: Buffer | null;
  sealed: Buffer;
}

export const recordSchema = new EntitySchema<RecordRow>({
  name: 'record',
  columns: {
    kind: { type: 'text', primary: true },
    key: { type: 'text', primary: true },
    rev: { type: 'integer' },
    wrapped: { type: 'blob', nullable: true },
    sealed: { type: 'blob' },
  },
});
