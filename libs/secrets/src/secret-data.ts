import { coversField, isPlainName, type Fields } from '#authz';
import { canonicalBytes } from '#crypto';
import { SecretsError } from './errors.ts';

/** What a version of a secret holds: fields, and which of them are the base64 of bytes. */
export interface SecretData {
  readonly data: Readonly<Record<string, string>>;
  readonly binary?: readonly string[];
}

const MOST_FIELDS = 1_000;
const MOST_NAME_CHARACTERS = 256;
const MOST_BYTES = 1024 * 1024;

/** Data as a secret may hold it: at most 1,000 fields and 1 MiB of names and values in UTF-8. @throws SecretsError `invalid_data` */
export function parseData({ data, binary = [] }: SecretData): SecretData {
  const fields = Object.entries(data);
  if (fields.length > MOST_FIELDS) fail(`more than ${MOST_FIELDS} fields`);
  if (!fields.every(([name]) => isPlainName(name, MOST_NAME_CHARACTERS))) fail('a field is named by 1 to 256 of A-Z a-z 0-9 . _ -');
  if (!fields.every(([, value]) => value.isWellFormed())) fail('a value is not well-formed text');
  const bytes = fields.flat().reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > MOST_BYTES) fail('more than 1 MiB in all');
  if (new Set(binary).size !== binary.length) fail('binary names a field twice');
  if (!binary.every((name) => isBase64(Object.hasOwn(data, name) ? data[name] : undefined))) fail('a binary field is not base64');
  return binary.length > 0 ? { data, binary } : { data };
}

/** The bytes that are sealed: canonical JSON (RFC 8785) of `{data, binary?}`. The caller wipes them. */
export function encodeData(data: SecretData): Buffer {
  return canonicalBytes(data);
}

/** What `encodeData` made. */
export function decodeData(bytes: Buffer): SecretData {
  return JSON.parse(bytes.toString());
}

/** Of what `encodeData` made, the fields that may be seen, and their names in order. Wipes what it was given. */
export function withFields(bytes: Buffer, fields: Fields): { readonly value: Buffer; readonly shown: readonly string[] } {
  const { data, binary = [] } = decodeData(bytes);
  bytes.fill(0);
  const seen = Object.entries(data).filter(([name]) => coversField(fields, name));
  const seenBinary = binary.filter((name) => coversField(fields, name));
  const value = encodeData({ data: Object.fromEntries(seen), ...(seenBinary.length > 0 ? { binary: seenBinary } : {}) });
  return { value, shown: seen.map(([name]) => name).toSorted() };
}

/** Only the one spelling that encoding the bytes gives (RFC 4648, section 4). */
function isBase64(text: string | undefined): boolean {
  return text !== undefined && Buffer.from(text, 'base64').toString('base64') === text;
}

function fail(hint: string): never {
  throw new SecretsError('invalid_data', hint);
}
