import { SecretsError } from './errors.ts';

const SEGMENT = String.raw`(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]{1,64}`;
const PATH = new RegExp(`^${SEGMENT}(?:/${SEGMENT})+$`);
const PREFIX = new RegExp(`^(?:${SEGMENT}(?:/${SEGMENT})*)?$`);
const MOST_CHARACTERS = 512;

/** Namespaces that hold no secrets: `root` stands for the root key where keys are rotated. */
const RESERVED = new Set(['root']);

/**
 * The path of a secret, `namespace/…/name`: segments of 1 to 64 of `A-Z a-z 0-9 . _ -`, none of them `.` or `..`, 512 characters
 * in all. Anything else is refused and never normalised, so that what is decided, looked up and recorded is the same text.
 *
 * @throws SecretsError `invalid_path`
 */
export function parsePath(text: string): string {
  if (text.length > MOST_CHARACTERS || !PATH.test(text)) throw new SecretsError('invalid_path');
  return text;
}

/** Where a list begins: '' for everything, else whole segments; one `/` at the end says the same. @throws SecretsError `invalid_path` */
export function parsePrefix(text: string): string {
  const prefix = text.endsWith('/') ? text.slice(0, -1) : text;
  if (prefix.length > MOST_CHARACTERS || !PREFIX.test(prefix) || text === '/') throw new SecretsError('invalid_path');
  return prefix;
}

/** The first segment, which says whose keys seal the secret. */
export function namespaceOf(path: string): string {
  const end = path.indexOf('/');
  return end < 0 ? path : path.slice(0, end);
}

/** @throws SecretsError `reserved_namespace` */
export function refuseReserved(path: string): void {
  if (RESERVED.has(namespaceOf(path))) throw new SecretsError('reserved_namespace');
}
