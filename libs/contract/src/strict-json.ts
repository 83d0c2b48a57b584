import { ContractError } from './errors.ts';

const MAX_DEPTH = 64;
/** More than any schema takes, and few enough that checking them costs no one else their time. */
const MAX_VALUES = 20_000;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
const NUMBER = /-?[0-9][0-9.eE+-]*/y;
const AFTER_STRING = /[ \t\r\n]*:/y;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads JSON (RFC 8259) that can mean only one thing: no key twice in an object, none of `__proto__`, `constructor` and
 * `prototype`, well-formed Unicode, no byte order mark, numbers that a double holds, at most 64 levels and 20,000 values.
 * @throws ContractError `malformed_json`, `duplicate_key`, `forbidden_key`, `json_too_complex`
 */
export function parseStrictJson(text: string | Uint8Array): unknown {
  const json = typeof text === 'string' ? text : decode(text);
  if (!json.isWellFormed()) throw new ContractError('malformed_json');
  scan(json);
  return parse(json);
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new ContractError('malformed_json');
  }
}

/** The engine's own error quotes its input, so it goes no further. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new ContractError('malformed_json');
  }
}

/**
 * Looks for what `JSON.parse` would let pass. It relies on nothing about the grammar: whatever is not JSON fails in `JSON.parse`
 * afterwards, so that a wrong guess here can refuse, but never accept.
 */
function scan(json: string): void {
  const open: (Set<string> | undefined)[] = [];
  let values = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json.charAt(at);
    if (character === '"') at = scanString(json, at, open.at(-1));
    else if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : undefined);
      values++;
    } else if (character === '}' || character === ']') open.pop();
    else if (character === ',') values++;
    else if (character === '-' || (character >= '0' && character <= '9')) at = scanNumber(json, at);
    if (open.length > MAX_DEPTH || values > MAX_VALUES) throw new ContractError('json_too_complex');
  }
}

/** Checks the string that starts at `start`, as a key of the open object where it is one, and finds its closing quote. */
function scanString(json: string, start: number, keys: Set<string> | undefined): number {
  const end = endOfString(json, start);
  const written = json.slice(start, end + 1);
  AFTER_STRING.lastIndex = end + 1;
  if (keys !== undefined && AFTER_STRING.test(json)) checkKey(String(parse(written)), keys);
  if (SURROGATE_ESCAPE.test(written) && !String(parse(written)).isWellFormed()) throw new ContractError('malformed_json');
  return end;
}

function checkKey(key: string, keys: Set<string>): void {
  if (FORBIDDEN_KEYS.has(key)) throw new ContractError('forbidden_key');
  if (keys.has(key)) throw new ContractError('duplicate_key');
  keys.add(key);
}

function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    if (!isEscaped(json, end)) return end;
  }
  throw new ContractError('malformed_json');
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0;
  while (json.charAt(at - 1 - backslashes) === '\\') backslashes++;
  return backslashes % 2 === 1;
}

/** A number that a double can't hold would not be the number that was sent. */
function scanNumber(json: string, start: number): number {
  NUMBER.lastIndex = start;
  const written = NUMBER.exec(json)?.[0] ?? '-';
  const value = Number(written);
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) throw new ContractError('malformed_json');
  return start + written.length - 1;
}
