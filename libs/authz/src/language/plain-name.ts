const PLAIN = /^[A-Za-z0-9._-]+$/;
/** Names that mean something to JavaScript objects, ours or those of a client. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** Whether a text is 1 to `most` characters that every system down the line can carry: `A-Z a-z 0-9 . _ -`. */
export function isPlain(text: string, most: number): boolean {
  return text.length <= most && PLAIN.test(text);
}

/** The same for the name of a secret's field or label. */
export function isPlainName(text: string, most: number): boolean {
  return isPlain(text, most) && !FORBIDDEN.has(text);
}
