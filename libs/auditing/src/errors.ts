const TEXTS = {
  sealed: 'the audit log is sealed',
  log_damaged: 'the audit log in the database is not the one that was written',
  log_behind_checkpoint: 'the audit log in the database ends before its last signed checkpoint',
  clock_before_log: 'the clock is behind the last entry of the audit log',
} as const;

/** Why the log can't be continued or given out. Each of them but `sealed` stops the unsealing. */
export type AuditingCode = keyof typeof TEXTS;

/** Every failure of this room. Its text is fixed and holds nothing of the log. */
export class AuditingError extends Error {
  override readonly name = 'AuditingError';
  readonly code: AuditingCode;

  constructor(code: AuditingCode) {
    super(TEXTS[code]);
    this.code = code;
  }
}
