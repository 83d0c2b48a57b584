const TEXTS = {
  authentication_failed: 'sealed bytes do not open',
  malformed: 'input has the wrong form',
  wiped: 'key material was already wiped',
} as const;

/** Why a cryptographic operation was refused. Each failure to open is `authentication_failed`, whatever was wrong. */
export type CryptoCode = keyof typeof TEXTS;

/** The one error of this room. Its text is fixed and holds nothing of what was sealed, opened or derived. */
export class CryptoError extends Error {
  override readonly name = 'CryptoError';
  readonly code: CryptoCode;

  constructor(code: CryptoCode) {
    super(TEXTS[code]);
    this.code = code;
  }
}
