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

/**
 * Whether a password is, as a whole, one that is guessed first: a common word, the service's or one of `names`, or either repeated, in
 * any case (SP 800-63B-4 §3.1.1.2 compares the entire password).
 */
export function isCommonPassword(password: string, names: readonly string[]): boolean {
  const unit = repeatedUnit(password.toLowerCase());
  return WORDS.has(unit) || WORDS.has(password.toLowerCase()) || names.some((name) => repeatedUnit(name.toLowerCase()) === unit);
}

/** The shortest text whose repetition is `text`. */
function repeatedUnit(text: string): string {
  const at = (text + text).indexOf(text, 1);
  return text.slice(0, at);
}
