const PLAIN = /^[A-Za-z0-9._-]+$/;
/** Names that mean something to JavaScript objects, ours or those of a client. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** Whether a name of a field or a label is one that every system down the line can carry. */
export function isPlainName(text: string, most: number): boolean {
  return text.length <= most && PLAIN.test(text) && !FORBIDDEN.has(text);
}
