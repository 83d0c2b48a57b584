/** Operations on the log: writing and signing it, resuming it, giving it out. */
export { AuditingError, type AuditingCode } from './errors.ts';
export { ExportLog } from './export-log.ts';
export { LogHistory } from './log-history.ts';
export { LogStore, type CheckpointRow, type SegmentRow } from './log-store.ts';
export { LogWriter } from './log-writer.ts';
export type { PreparedLog, SignedHead } from './open-log.ts';
export { ReadCheckpoint } from './read-checkpoint.ts';
