import { createPublicKey, type KeyObject, type webcrypto } from 'node:crypto';
import type { createLocalJWKSet } from 'jose';

import { IdentityError } from '../errors.ts';
import type { JsonWebToken } from './json-web-token.ts';
import { JwtError } from './jwt-error.ts';
import { isStrongKey } from '../certificates/key-strength.ts';

/** A public key that signs tokens, with the one algorithm that it is good for. */
export interface IssuerKey {
  readonly alg: string;
  readonly kid?: string;
  readonly [member: string]: string | undefined;
}

const MOST_KEYS = 64;
const MAX_KID = 256;
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
/** What each kind of key signs with; the first where the key does not say. Nothing symmetric is among them, nor `none`. */
const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  rsa: RSA_ALGORITHMS,
  prime256v1: ['ES256'],
  secp384r1: ['ES384'],
  secp521r1: ['ES512'],
  ed25519: ['EdDSA', 'Ed25519'],
};

/**
 * The keys of a JSON Web Key Set (RFC 7517) that sign, as nothing but public keys, each pinned to one algorithm. Keys for encryption are left
 * out.
 *
 * @throws IdentityError `invalid_issuer` when a key is private, symmetric, weak, of an unknown kind or named like another
 */
export function readKeySet(jwks: unknown): readonly IssuerKey[] {
  const members = isObject(jwks) && Array.isArray(jwks['keys']) ? jwks['keys'].filter(signs) : [];
  const keys = members.map(readKey);
  const names = new Set(keys.map(({ kid, alg }) => `${kid ?? ''} ${alg}`));
  if (keys.length === 0 || keys.length > MOST_KEYS || names.size < keys.length) throw invalid('from 1 to 64 keys, each with a kid');
  return keys;
}

/** The keys of one issuer, ready to check signatures. */
export class IssuerKeys {
  readonly #keys: readonly IssuerKey[];
  #set: ReturnType<typeof createLocalJWKSet> | undefined;

  constructor(keys: readonly IssuerKey[]) {
    this.#keys = keys;
  }

  /** @throws JwtError `bad_signature` unless one of the keys, with its own algorithm, has signed it */
  async verify({ text, algorithm }: JsonWebToken): Promise<void> {
    // Loaded with the first token: most servers never see one.
    const { compactVerify, createLocalJWKSet } = await import('jose');
    this.#set ??= createLocalJWKSet({ keys: this.#keys.map((key) => ({ ...key, kty: key['kty'] ?? '' })) });
    const algorithms = this.#keys.map(({ alg }) => alg);
    if (!algorithms.includes(algorithm)) throw new JwtError('bad_signature');
    try {
      await compactVerify(text, this.#set, { algorithms });
    } catch {
      throw new JwtError('bad_signature');
    }
  }
}

function signs(jwk: unknown): boolean {
  return !isObject(jwk) || jwk['use'] === undefined || jwk['use'] === 'sig';
}

function readKey(jwk: unknown): IssuerKey {
  if (!isObject(jwk) || PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name))) throw invalid('public keys only');
  const key = publicKeyOf(jwk);
  if (key === undefined || !isStrongKey(key)) throw invalid('P-256, P-384, P-521, Ed25519 or RSA from 2048 bits');
  const { kid, alg = algorithmsOf(key)[0] } = jwk;
  if (typeof alg !== 'string' || !algorithmsOf(key).includes(alg)) throw invalid('an alg that signs, and fits its key');
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > MAX_KID)) throw invalid('a kid of at most 256 characters');
  // The members as Node writes them: what else stands in the set is left behind.
  return { ...membersOf(key), alg, ...(kid !== undefined && { kid }) };
}

function publicKeyOf(key: webcrypto.JsonWebKey): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function membersOf(key: KeyObject): Record<string, string> {
  return Object.fromEntries(Object.entries(key.export({ format: 'jwk' })).filter(isText));
}

function isText(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string';
}

function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly string[] {
  return ALGORITHMS[asymmetricKeyDetails?.namedCurve ?? asymmetricKeyType ?? ''] ?? [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(hint: string): IdentityError {
  return new IdentityError('invalid_issuer', `jwks: ${hint}`);
}
