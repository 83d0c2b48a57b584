import { timingSafeEqual } from 'node:crypto';

import { HOTP, Secret, TOTP } from 'otpauth';

/** RFC 4226 §4 R6 recommends 160 bits. */
const SECRET_BYTES = 20;
/** What every authenticator takes: SHA-1 (RFC 6238 §1.2), whose collisions do not matter in HMAC. */
const FORM = { algorithm: 'SHA1', digits: 6 } as const;
const PERIOD_SECONDS = 30;
const CODE = /^[0-9]{6}$/;
/** RFC 6238 §5.2: one step, for whoever types the code in the last second of it. Never a step that is to come. */
const STEPS_BACK = 1;

/** A fresh secret for codes by time, in base32. */
export function newTotpSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32;
}

/** The secret as authenticators take it in: `otpauth://totp/…`. */
export function totpUri(secret: string, { name, issuer }: { readonly name: string; readonly issuer: string }): string {
  return new TOTP({ ...FORM, period: PERIOD_SECONDS, issuer, label: name, secret }).toString();
}

/**
 * The time step whose code this is, of the current one and the one before; undefined where it is neither's. A code is six ASCII digits,
 * so that it has one spelling. Whoever takes it takes no later step's, nor the same one's again.
 */
export function totpStepOf(secret: string, code: string, now: Date): number | undefined {
  if (!CODE.test(code)) return undefined;
  const current = Math.floor(now.getTime() / 1000 / PERIOD_SECONDS);
  const steps = Array.from({ length: STEPS_BACK + 1 }, (_, back) => current - back);
  const key = Secret.fromBase32(secret);
  return steps.find((counter) => isSame(HOTP.generate({ ...FORM, secret: key, counter }), code));
}

function isSame(right: string, given: string): boolean {
  return timingSafeEqual(Buffer.from(right), Buffer.from(given));
}
