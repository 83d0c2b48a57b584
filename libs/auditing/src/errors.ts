/** Why the log can't be continued or given out. Each of them but `sealed` stops the unsealing. */
export type AuditingCode = 'sealed' | 'log_damaged' | 'log_behind_checkpoint' | 'clock_before_log';

const TEXTS: Record<AuditingCode, string> = {
  sealed: 'the audit log is sealed',
  log_damaged: 'the audit log in the database is not the one that was written',
  log_behind_checkpoint: 'the audit log in the database ends before its last signed checkpoint',
  clock_before_log: 'the clock is behind the last entry of the audit log',
};

/** Every failure of this room. Its text is fixed and holds nothing of the log. */
export class AuditingError extends Error {
  readonly code: AuditingCode;
  readonly hint: string | undefined;

  constructor(code: AuditingCode, hint?: string) {
    super(TEXTS[code]);
    this.name = 'AuditingError';
    this.code = code;
    this.hint = hint;
  }
}
