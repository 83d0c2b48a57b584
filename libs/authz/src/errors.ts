const TEXTS = {
  denied: 'the rules do not allow this',
  approval_needed: 'the rules allow this with an approval only',
  invalid_role: 'this is not a role',
  invalid_question: 'this is no question about the rules',
  sealed: 'the server is sealed',
  storage_unavailable: 'nothing can be recorded now, so nothing is disclosed or changed',
  row_refused: 'the database refused this change',
  contended: 'others kept changing the same record',
} as const;

/** Why the gate, or what stands behind it, gave no answer. */
export type AuthzCode = keyof typeof TEXTS;

/** The one error of this room. Its text is fixed; `hint` names a place in the input, never what stands there. */
export class AuthzError extends Error {
  override readonly name = 'AuthzError';
  readonly code: AuthzCode;
  readonly hint?: string;

  constructor(code: AuthzCode, hint?: string) {
    super(TEXTS[code]);
    this.code = code;
    this.hint = hint;
  }
}

/**
 * How an entry names an error. Codes of our own errors are lower case, Node's are not: of what nobody foresaw, the log says only that
 * it happened, `internal_error`.
 */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[a-z][a-z_]{0,63}$/.test(code) ? code : 'internal_error';
}
