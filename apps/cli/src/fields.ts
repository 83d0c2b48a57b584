import { isUtf8 } from 'node:buffer';
import { Failure, usageFailure } from './failure.ts';
import { parsePair } from './arguments.ts';
import { readInput } from './input.ts';

/** The fields of a secret, as the wire has them. */
export interface Fields {
  readonly data: Record<string, string>;
  /** Fields whose value is the base64 of bytes. */
  readonly binary: string[];
}

/**
 * Fields from operands: `name=text`, `name=@file` and `name=-` (standard input). Bytes are kept as they are, to the last line end; what is
 * no UTF-8 travels as base64.
 */
export function fieldsFrom(operands: readonly string[]): Fields {
  const fields: Fields = { data: {}, binary: [] };
  for (const operand of operands) {
    const [name, value] = parsePair(operand, 'a field');
    if (Object.hasOwn(fields.data, name)) throw usageFailure('a field is given twice');
    if (value === '-' || value.startsWith('@')) addBytes(fields, name, readInput(value === '-' ? '-' : value.slice(1)));
    else fields.data[name] = value;
  }
  return fields;
}

/** Fields from the JSON object of a file. */
export function fieldsFromFile(file: string): Fields {
  const data = parseObject(readInput(file).toString('utf8'));
  if (data === undefined) throw new Failure('the file is not a JSON object of strings');
  return { data, binary: [] };
}

function addBytes({ data, binary }: Fields, name: string, bytes: Buffer): void {
  if (!isUtf8(bytes)) binary.push(name);
  data[name] = bytes.toString(isUtf8(bytes) ? 'utf8' : 'base64');
}

function parseObject(text: string): Record<string, string> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    return entries.length === Object.keys(value).length ? Object.fromEntries(entries) : undefined;
  } catch {
    return undefined;
  }
}

/** The bytes of one field. */
export function fieldBytes(
  { data, binary }: { data: Readonly<Record<string, string>>; binary?: readonly string[] },
  name: string,
): Buffer | undefined {
  const value = Object.hasOwn(data, name) ? data[name] : undefined;
  return value === undefined ? undefined : Buffer.from(value, binary?.includes(name) ? 'base64' : 'utf8');
}
