import { TOTP, URI } from 'otpauth';

/** What an authenticator on a telephone shows for `otpauth://totp/…` at a moment. */
export function codeOf(uri: string, now: Date): string {
  const totp = URI.parse(uri);
  if (!(totp instanceof TOTP)) throw new TypeError('this is no code by time');
  return totp.generate({ timestamp: now.getTime() });
}
