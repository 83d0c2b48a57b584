/** Why something that claims to be part of the log is not taken for it. */
export type AuditErrorCode =
  | 'bad_signature'
  | 'unknown_signer'
  | 'malformed_note'
  | 'malformed_checkpoint'
  | 'malformed_verifier_key'
  | 'malformed_tree'
  | 'malformed_batch'
  | 'malformed_export';

const TEXTS: Record<AuditErrorCode, string> = {
  bad_signature: 'the signature of the note does not verify',
  unknown_signer: 'the note is not signed by the expected key',
  malformed_note: 'this is not a signed note',
  malformed_checkpoint: 'the note is not a checkpoint',
  malformed_verifier_key: 'this is not a verifier key',
  malformed_tree: 'the frontier does not fit the size of the tree',
  malformed_batch: 'this is not a batch of log entries',
  malformed_export: 'this is not an export of the audit log',
};

/** Every failure of this room. Its text is fixed and holds nothing of what was read. */
export class AuditError extends Error {
  readonly code: AuditErrorCode;
  readonly hint: string | undefined;

  constructor(code: AuditErrorCode, hint?: string) {
    super(TEXTS[code]);
    this.name = 'AuditError';
    this.code = code;
    this.hint = hint;
  }
}
