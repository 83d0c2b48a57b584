import { randomBytes } from 'node:crypto';

const PREFIXES = { session: 'hfs_', enrolment: 'hfe_', operator: 'hfo_', bootstrap: 'hfb_', flow: 'hff_' } as const;
const TOKEN_BYTES = 32;
const RANDOM_PART = /^[A-Za-z0-9_-]{43}$/;

/** What a bearer token is for. Its prefix says so, and lets secret scanners find a leaked one. */
export type TokenKind = keyof typeof PREFIXES;

/** A fresh token: the kind's prefix and 256 random bits in base64url. */
export function newToken(kind: TokenKind): string {
  return PREFIXES[kind] + randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Whether a text has the form of a token of this kind. It says nothing of whether the token is good. */
export function isToken(kind: TokenKind, text: string): boolean {
  const prefix = PREFIXES[kind];
  return text.startsWith(prefix) && RANDOM_PART.test(text.slice(prefix.length));
}
