import { isatty } from 'node:tty';

/** Control characters, line separators and what turns the direction of text: a name may not move the cursor or hide itself. */
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A text from elsewhere, safe to show on a terminal. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
}

/** Whether a person reads standard output. */
export const onTerminal = (): boolean => isatty(1);

/** Writes to standard output, all of it before anything else happens. */
export function print(text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => process.stdout.write(text, (error) => (error ? reject(error) : resolve())));
}

/** Prints data: as JSON in a pipe or when asked for, else as `lines` for people. */
export function printData(data: unknown, lines: readonly string[], json: boolean | undefined): Promise<void> {
  if (json === true || !onTerminal()) return print(`${JSON.stringify(data, null, 2)}\n`);
  return print(lines.map((line) => `${printable(line)}\n`).join(''));
}

/** Says something on standard error, beside the data. */
export function say(text: string): void {
  process.stderr.write(`holdfast: ${printable(text)}\n`);
}

/** Says what is being waited for, if it takes longer than two seconds. */
export async function patiently<T>(label: () => string, work: Promise<T>): Promise<T> {
  const timer = setInterval(() => say(label()), 2_000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
