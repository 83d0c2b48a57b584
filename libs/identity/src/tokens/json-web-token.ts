import { sha256 } from '#crypto';

import { JwtError } from './jwt-error.ts';

/** What a token claims, by name. Values are whatever its issuer wrote. */
export type Claims = Readonly<Record<string, unknown>>;

/** A token as it is written. Nothing in it is to be believed yet, but for what it takes to find out who would have to vouch for it. */
export interface JsonWebToken {
  readonly text: string;
  readonly algorithm: string;
  readonly claims: Claims;
  /** Lower-case hex of SHA-256 over what is signed: one token has one id, however its signature is written. */
  readonly id: string;
}

/** What the tokens of real issuers stay well below. Checked before anything is taken apart. */
const MAX_LENGTH = 16 * 1024;
const FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
/** Parameters that bring a key along, or change what is signed and how it is read. */
const REFUSED_PARAMETERS = ['jwk', 'jku', 'x5c', 'x5u', 'crit', 'b64', 'zip', 'enc'];
/** A string of valid JSON, and whether it is a key. */
const STRING = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Takes a signed token in the compact form apart (RFC 7515 §7.1, RFC 7519). There is one way to write it: base64url without stray bits, one
 * value for each name, and no header that says which key to trust.
 *
 * @throws JwtError `malformed_jwt`
 */
export function readToken(text: string): JsonWebToken {
  if (text.length > MAX_LENGTH || !FORM.test(text)) throw new JwtError('malformed_jwt');
  const [header = '', payload = '', signature = ''] = text.split('.');
  const { alg, typ, ...parameters } = readObject(header);
  decode(signature);
  if (typeof alg !== 'string' || !isJwtType(typ)) throw new JwtError('malformed_jwt');
  if (REFUSED_PARAMETERS.some((name) => Object.hasOwn(parameters, name))) throw new JwtError('malformed_jwt');
  const id = sha256(Buffer.from(`${header}.${payload}`)).toString('hex');
  return { text, algorithm: alg, claims: readObject(payload), id };
}

/** Access tokens, log-out tokens and the like say so, and are no proof of who sends them (RFC 8725 §3.11). */
function isJwtType(typ: unknown): boolean {
  return typ === undefined || (typeof typ === 'string' && typ.toUpperCase() === 'JWT');
}

function readObject(part: string): Record<string, unknown> {
  const value = parseJson(decode(part));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new JwtError('malformed_jwt');
  return { ...value };
}

function decode(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) throw new JwtError('malformed_jwt');
  return bytes;
}

function parseJson(bytes: Buffer): unknown {
  try {
    const text = utf8.decode(bytes);
    const value: unknown = JSON.parse(text);
    if (keysWrittenIn(text) === keysIn(value)) return value;
  } catch {
    // What the parser says quotes the token.
  }
  throw new JwtError('malformed_jwt');
}

/** A key that is written twice is there once: two parsers could take different ones. */
function keysWrittenIn(json: string): number {
  return [...json.matchAll(STRING)].filter(([, colon]) => colon !== undefined).length;
}

function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, each) => sum + keysIn(each), own);
}
