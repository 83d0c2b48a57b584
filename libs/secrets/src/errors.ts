const TEXTS = {
  invalid_path: 'this is not the path of a secret',
  invalid_data: 'this is not what a secret can hold',
  not_found: 'there is no such secret',
  version_unavailable: 'the version is deleted, destroyed, expired or was never there',
  conflict: 'the secret is at another version',
  too_many_items: 'there are more secrets than one answer holds',
  reserved_namespace: 'the namespace is reserved',
  invalid_cursor: 'the cursor does not belong to this list',
} as const;

/** Why an operation on secrets came to nothing. */
export type SecretsCode = keyof typeof TEXTS;

/** The one error of this room. Its text is fixed; `hint` names a rule or a place, never a path, a name or a value. */
export class SecretsError extends Error {
  override readonly name = 'SecretsError';
  readonly code: SecretsCode;
  readonly hint?: string;

  constructor(code: SecretsCode, hint?: string) {
    super(TEXTS[code]);
    this.code = code;
    this.hint = hint;
  }
}
