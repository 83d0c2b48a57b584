import { Secret } from 'otpauth';

const HOW_MANY = 8;
/** 120 bits: a look-up secret of 112 or more needs no slow hash (SP 800-63B-4 §3.1.2.2). */
const BYTES = 15;
const CODE = /^[a-z2-7]{24}$/;

/** Codes to be kept on paper, each good once in place of a second factor's: 24 characters of base32 in groups of four. */
export function newRecoveryCodes(): readonly string[] {
  return Array.from({ length: HOW_MANY }, () => {
    const text = new Secret({ size: BYTES }).base32.toLowerCase();
    return text.match(/.{4}/g)?.join('-') ?? text;
  });
}

/** The one spelling of a recovery code, whatever case and separators it was typed with; undefined for what is none. */
export function normalRecoveryCode(typed: string): string | undefined {
  const text = typed.replaceAll(/[\s-]/g, '').toLowerCase();
  return CODE.test(text) ? text : undefined;
}
