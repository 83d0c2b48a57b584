const TEXTS = {
  wrong_key: 'no key slot opens with this',
  unknown_slot: 'there is no key slot of this kind, or nothing was given to open it with',
  already_initialized: 'the server is initialized already',
  not_initialized: 'the server is not initialized',
  already_unsealed: 'the server is unsealed already',
  sealed: 'the server is sealed',
  integrity_failed: 'a stored record does not open: it was altered, moved or taken away',
  slot_file_damaged: 'the slot file is not the one that was written',
  too_many_requests: 'too many attempts; wait before the next one',
  bootstrap_refused: 'the bootstrap token is wrong',
} as const;

/** Why keys could not be had, or something sealed under them did not open. */
export type KeysCode = keyof typeof TEXTS;

/** The one error of this room. Its text is fixed; `hint` may name the root key's fingerprint, which is public. */
export class KeysError extends Error {
  override readonly name = 'KeysError';
  readonly code: KeysCode;
  readonly hint?: string;

  constructor(code: KeysCode, hint?: string) {
    super(TEXTS[code]);
    this.code = code;
    this.hint = hint;
  }
}
