const TEXTS = {
  bad_signature: 'the signature of the note does not verify',
  unknown_signer: 'the note is not signed by the expected key',
  malformed_note: 'this is not a signed note',
  malformed_checkpoint: 'the note is not a checkpoint',
  malformed_verifier_key: 'this is not a verifier key',
  malformed_tree: 'the frontier does not fit the size of the tree',
  malformed_batch: 'this is not a batch of log entries',
  malformed_export: 'this is not an export of the audit log',
} as const;

/** Why something that claims to be part of the log is not taken for it. */
export type AuditCode = keyof typeof TEXTS;

/** Every failure of this room. Its text is fixed and holds nothing of what was read. */
export class AuditError extends Error {
  override readonly name = 'AuditError';
  readonly code: AuditCode;
  readonly hint?: string;

  constructor(code: AuditCode, hint?: string) {
    super(TEXTS[code]);
    this.code = code;
    this.hint = hint;
  }
}
