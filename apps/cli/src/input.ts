import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { Failure, systemFailure, usageFailure } from './failure.ts';

/** The bytes of a file; `-` is standard input. `label` says in an error what was looked for. */
export function readInput(file: string, label = 'a file'): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw systemFailure(file === '-' ? 'standard input can not be read' : `${label} can not be read`, error);
  }
}

/** The text of a file, without the line end that editors put there. */
export function readLine(file: string, label?: string): string {
  return readInput(file, label)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

/**
 * Something secret that a person types: from `file` where one is named, from a prompt on a terminal, else from standard input. Never
 * from the command line, which others can read.
 */
export async function readSecret(label: string, file: string | undefined, repeat = false): Promise<string> {
  if (file !== undefined) return notEmpty(label, readLine(file, `the file of the ${label}`));
  if (!isatty(0)) return notEmpty(label, readLine('-'));
  const { ask } = await import('./prompt.ts');
  const answer = await ask(`${label}: `);
  if (repeat && (await ask(`${label}, again: `)) !== answer) throw new Failure('the two are not the same');
  return notEmpty(label, answer);
}

/** A code of a second factor, which people type with spaces. */
export async function readCode(file: string | undefined): Promise<string> {
  return (await readSecret('code', file)).replaceAll(/\s/g, '');
}

function notEmpty(label: string, answer: string): string {
  if (answer === '') throw usageFailure(`${label} is empty`, `type it, or name its file with --${label.replaceAll(' ', '-')}-file`);
  return answer;
}
