import { CryptoError, type CryptoCode } from '#crypto';
import { KeysError, type KeysCode } from './errors.ts';

const CODES = {
  authentication_failed: 'integrity_failed',
  malformed: 'integrity_failed',
  wiped: 'sealed',
} as const satisfies Record<CryptoCode, KeysCode>;

/** Runs what opens something stored. A key that was wiped meanwhile means that the server was sealed. @throws KeysError */
export function opening<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (error instanceof CryptoError) throw new KeysError(CODES[error.code]);
    throw error;
  }
}
