const IDENTITY_TEXTS = {
  invalid_spiffe_id: 'not a SPIFFE ID of a workload',
  invalid_trust_domain: 'not the name of a trust domain',
  invalid_trust_bundle: 'a trust bundle holds CA certificates and nothing else',
  trust_bundle_refused: 'the trust bundle can not be used',
  crl_refused: 'the revocation list can not be used',
  malformed_csr: 'not a certificate signing request',
  csr_not_proven: 'the request is not signed by the key it names',
  csr_asks_for_more: 'the request asks for more than one SPIFFE ID',
  csr_weak_key: 'the key of the request is of a kind or strength that is not accepted',
  invalid_issuer: 'not the definition of an issuer of tokens',
  too_many_requests: 'too many passwords are being checked at once',
} as const;

/** Every way in which something presented as an identity is not one, or can not be looked at now. */
export type IdentityCode = keyof typeof IDENTITY_TEXTS;

/** Why something presented as an identity is not one, or can not be looked at now. Its texts are constant: nothing of the input is in them. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
  readonly code: IdentityCode;
  readonly hint?: string;

  constructor(code: IdentityCode, hint?: string) {
    super(IDENTITY_TEXTS[code]);
    this.code = code;
    this.hint = hint;
  }
}

const PASSWORD_TEXTS = {
  password_too_short: 'a password has at least 15 characters',
  password_too_long: 'a password has at most 1,024 characters',
  password_common: 'this password is among the first that are guessed',
  password_malformed: 'a password holds no NUL and no half of a surrogate pair',
} as const;

/** Every way in which a new password is not accepted. */
export type PasswordCode = keyof typeof PASSWORD_TEXTS;

/** Why a password is not accepted when it is set. */
export class PasswordError extends Error {
  override readonly name = 'PasswordError';
  readonly code: PasswordCode;

  constructor(code: PasswordCode) {
    super(PASSWORD_TEXTS[code]);
    this.code = code;
  }
}
