import { randomBytes } from 'node:crypto';

/** `prefix` followed by `bytes` random bytes in base64url (RFC 4648 section 5, unpadded): 43 characters for the default 32. */
export function randomToken(prefix: string, bytes = 32): string {
  return prefix + randomBytes(bytes).toString('base64url');
}
