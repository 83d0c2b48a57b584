import { parseArgs, type ParseArgsConfig } from 'node:util';
import { usageFailure } from './failure.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** What a command was called with. An operand whose name ends in `?` may be absent; in `…`, there may be any number of it. */
export function parse<const O extends Options>(args: readonly string[], names: readonly string[], options: O) {
  const parsed = parseStrictly(args, options);
  const required = names.filter((name) => !/[?…]$/.test(name)).length;
  const { length } = parsed.positionals;
  if (length < required) throw usageFailure(`${names[length]} is missing`);
  if (length > names.length && names.at(-1)?.endsWith('…') !== true)
    throw usageFailure(names.length === 0 ? 'takes no operands' : `takes no more than ${names.join(' ')}`);
  return parsed;
}

/** The parser's own message quotes the argument that it stumbled over, which may be a value: only its code is used. */
function parseStrictly<const O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION')
      throw usageFailure('an option is unknown', `known: ${Object.keys(options).map(dashed).join(' ')}`);
    throw usageFailure('an option lacks its value, or has one that it does not take');
  }
}

const dashed = (name: string): string => `--${name}`;

/** A count such as a version: a whole number from `least`. */
export function parseCount(text: string, what: string, least = 1): number {
  if (!/^[0-9]{1,10}$/.test(text) || Number(text) < least) throw usageFailure(`${what} is a whole number from ${least}`);
  return Number(text);
}

/** Splits `name=value` at its first `=`. */
export function parsePair(text: string, what: string): [string, string] {
  const mark = text.indexOf('=');
  if (mark < 1) throw usageFailure(`${what} is written name=value`);
  return [text.slice(0, mark), text.slice(mark + 1)];
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Whole seconds of `90s`, `15m`, `1h` or `7d`. */
export function parseDuration(text: string, what: string): number {
  const [, count, unit = ''] = /^([0-9]{1,7})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? NaN);
  if (Number.isNaN(seconds)) throw usageFailure(`${what} is written 90s, 15m, 1h or 7d`);
  return seconds;
}
