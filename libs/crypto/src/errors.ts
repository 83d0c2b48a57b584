/** Why a cryptographic operation was refused. Each failure to open is `authentication_failed`, whatever was wrong. */
export type CryptoCode = 'authentication_failed' | 'malformed' | 'wiped';

const TEXTS: Record<CryptoCode, string> = {
  authentication_failed: 'sealed bytes do not open',
  malformed: 'input has the wrong form',
  wiped: 'key material was already wiped',
};

/** The one error of this room. Its text is fixed and holds nothing of what was sealed, opened or derived. */
export class CryptoError extends Error {
  override readonly name = 'CryptoError';
  readonly code: CryptoCode;
  readonly hint: string | undefined;

  constructor(code: CryptoCode, hint?: string) {
    super(TEXTS[code]);
    this.code = code;
    this.hint = hint;
  }
}
