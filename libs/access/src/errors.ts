const TEXTS = {
  certificate_refused: 'the client certificate is not accepted',
  session_refused: 'the session is not valid, or no longer',
  token_refused: 'the token is not valid, or no longer',
  invalid_credentials: 'the name, the password or the code is wrong',
  second_factor_required: 'a code of the second factor is needed as well',
  too_many_requests: 'too many attempts; wait before the next one',
  invalid_name: 'a name is a letter and up to 63 of a-z, 0-9, and . _ @ -',
  review_unavailable: 'no token can be reviewed now, so none is accepted',
  line_locked: 'two keys have renewed one certificate: one of them is stolen',
  not_renewable: 'the certificate is not one that this server renews',
  csr_refused: 'the certificate request can not be granted',
  invalid_provider: 'the provider is not valid',
  redirect_refused: 'the redirect URI is not one of the provider',
  sign_in_refused: 'what came from the provider does not sign anybody in here',
  issuer_unreachable: 'the issuer can not be reached, or answers with what it should not',
  not_found: 'there is nothing at this name',
  conflict: 'the state has moved on',
} as const;

/** Why nobody was let in, or an operation on operators, sessions, enrolments, certificates or roles came to nothing. */
export type AccessCode = keyof typeof TEXTS;

/** The one error of this room. Its text is fixed; `hint` names a certificate's defect or says what to do, never what was sent. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
  readonly code: AccessCode;
  readonly hint?: string;

  constructor(code: AccessCode, hint?: string) {
    super(TEXTS[code]);
    this.code = code;
    this.hint = hint;
  }
}
