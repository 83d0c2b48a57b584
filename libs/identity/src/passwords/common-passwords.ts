/** Words that are guessed first, alone or repeated until they are long enough. */
const WORDS = new Set(
  `1234567890 123456789 12345678 1234567 123456 12345 1234 123 0123456789 9876543210 abc abc123 abcd abcd1234 abcdef abcdefgh
  abcdefghijklmno abcdefghijklmnop abcdefghijklmnopqrstuvwxyz admin administrator asdf asdfgh asdfghjkl changeit changeme
  correcthorsebatterystaple default dragon football guest holdfast iloveyou letmein login master monkey operator pass passw0rd
  password password1 password123 princess qazwsx qazwsxedc qwerty qwerty123 qwertyuiop qwertyuiopasdfghjkl 1q2w3e4r 1q2w3e4r5t
  1qaz2wsx root secret secrets server shadow sunshine superman test test123 trustno1 user vault welcome welcome1 zxcvbnm
  thisisapassword thisismypassword mypassword123456 passwordpassword1 password12345678 1234567890123456 12345678901234567890
  qwertyuiop123456 iloveyouforever administrator123 administrator1234`
    .split(/\s+/)
    .concat(Array.from('0123456789abcdefghijklmnopqrstuvwxyz .-_!*')),
);

/** Those that are words, and no single characters. */
const PARTS = [...WORDS].filter((word) => word.length > 2);
/** Digits and signs that people put around a word to get past a rule. More of them are no word any more. */
const MOST_DECORATIONS = 4;
const SHORTEST_RUN = 3;

/**
 * Whether a password is, as a whole, one that is guessed first: a common word, the service's or one of `names`, either of them repeated, or
 * a few of them and runs such as `1234` put together, in any case (SP 800-63B-4 §3.1.1.2 compares the entire password).
 */
export function isCommonPassword(password: string, names: readonly string[]): boolean {
  const text = password.toLowerCase();
  const own = names.map((name) => name.toLowerCase());
  const unit = repeatedUnit(text);
  return WORDS.has(unit) || own.some((name) => repeatedUnit(name) === unit) || isPutTogether(text, [...PARTS, ...own]);
}

/** The shortest text whose repetition is `text`. */
function repeatedUnit(text: string): string {
  const at = (text + text).indexOf(text, 1);
  return text.slice(0, at);
}

/** Whether all of a text is words, runs, what separates them, and a few decorations. */
function isPutTogether(text: string, words: readonly string[]): boolean {
  /** By place, the fewest decorations with which all before it is taken up. */
  const fewest = Array.from({ length: text.length + 1 }, () => Infinity);
  fewest[0] = 0;
  for (let at = 0; at < text.length; at += 1) {
    const used = fewest[at] ?? Infinity;
    if (used > MOST_DECORATIONS) continue;
    for (const [length, cost] of piecesAt(text, at, words)) fewest[at + length] = Math.min(fewest[at + length] ?? Infinity, used + cost);
  }
  return (fewest[text.length] ?? Infinity) <= MOST_DECORATIONS;
}

/** What a text may go on with: how long it is, and how many decorations it counts for. */
function piecesAt(text: string, at: number, words: readonly string[]): (readonly [length: number, cost: number])[] {
  const found = words.filter((word) => text.startsWith(word, at)).map((word) => [word.length, 0] as const);
  const longest = runAt(text, at);
  const runs = longest < SHORTEST_RUN ? [] : [[longest, 0] as const, [longest - 1, 0] as const];
  const sign = text.charAt(at);
  if (/[ ._-]/.test(sign)) return [...found, ...runs, [1, 0]];
  return /[!-@[-`{-~]/.test(sign) ? [...found, ...runs, [1, 1]] : [...found, ...runs];
}

/** How many characters from here on are the same, or each the next, or each the one before. */
function runAt(text: string, at: number): number {
  const step = text.charCodeAt(at + 1) - text.charCodeAt(at);
  if (Number.isNaN(step) || Math.abs(step) > 1) return 1;
  let end = at + 1;
  while (end + 1 < text.length && text.charCodeAt(end + 1) - text.charCodeAt(end) === step) end += 1;
  return end + 1 - at;
}
