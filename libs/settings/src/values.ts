import { isIP } from 'node:net';
import { resolve } from 'node:path';

/** Reads a value as YAML or the environment gives it. `expects` says in an error what it takes; undefined is a value it can't have. */
export interface Reader<T> {
  readonly expects: string;
  readonly read: (value: unknown) => T | undefined;
}

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** A path of the host, made absolute. */
export const path: Reader<string> = {
  expects: 'a path',
  read: (value) => (typeof value === 'string' && value !== '' && !value.includes('\0') ? resolve(value) : undefined),
};

/** The trust domain of a SPIFFE ID (SPIFFE-ID, section 2.1). */
export const trustDomain: Reader<string> = {
  expects: 'a trust domain: lower-case letters, digits, dots, dashes and underscores, at most 255',
  read: (value) => (typeof value === 'string' && /^[a-z0-9._-]{1,255}$/.test(value) ? value : undefined),
};

/** An IP address to listen on. A host name could become another address tomorrow. */
export const address: Reader<string> = {
  expects: 'an IP address',
  read: (value) => (typeof value === 'string' && isIP(value) !== 0 && !value.includes('%') ? value : undefined),
};

/** A TCP port; 0 takes a free one. */
export const port: Reader<number> = {
  expects: 'a port from 0 to 65535',
  read: (value) => wholeNumber(value, 0, 65_535),
};

/** DNS names and IP addresses; in the environment separated by commas. */
export const serverNames: Reader<readonly string[]> = {
  expects: 'a list of DNS names in lower case and IP addresses',
  read: (value) => {
    const names: unknown[] = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [];
    const valid = names.filter((name): name is string => typeof name === 'string' && (isIP(name) !== 0 || HOST_NAME.test(name)));
    return valid.length === names.length && valid.length > 0 ? valid : undefined;
  },
};

/** Where somebody else's server is: `https://` and a host in its one spelling, and a port where it is not 443. */
export const httpsOrigin: Reader<string> = {
  expects: 'an address such as https://10.0.0.1:6443',
  read: (value) => {
    const url = typeof value === 'string' && value.startsWith('https://') ? URL.parse(value) : null;
    const host = url?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
    return url?.origin === value && (isIP(host) !== 0 || HOST_NAME.test(host)) ? url?.origin : undefined;
  },
};

const KEY_TYPES = ['p256', 'p384', 'p521', 'ed25519', 'rsa'] as const;
type KeyType = (typeof KEY_TYPES)[number];

/** Kinds of keys; in the environment separated by commas. */
export const keyTypes: Reader<readonly KeyType[]> = {
  expects: `a list of ${KEY_TYPES.join(', ')}`,
  read: (value) => {
    const names: unknown[] = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [];
    const known = KEY_TYPES.filter((type) => names.includes(type));
    return known.length === names.length && known.length > 0 ? known : undefined;
  },
};

/** A length of time, in seconds. */
export function duration(least: number, most: number): Reader<number> {
  return {
    expects: `a length of time such as 90s, 15m, 1h or 7d, from ${least} s to ${most} s`,
    read: (value) => {
      const [, count, unit = ''] = /^([0-9]{1,9})([smhd])$/.exec(typeof value === 'string' ? value : '') ?? [];
      return wholeNumber(Number(count) * (UNITS[unit] ?? NaN), least, most);
    },
  };
}

/** What something is multiplied by. */
export function factor(least: number, most: number): Reader<number> {
  return {
    expects: `a number from ${least} to ${most}`,
    read: (value) => {
      const number = typeof value === 'string' && /^[0-9]{1,3}(?:\.[0-9]{1,3})?$/.test(value) ? Number(value) : value;
      return typeof number === 'number' && number >= least && number <= most ? number : undefined;
    },
  };
}

/** One of a few words. */
export function oneOf<const T extends string>(...words: readonly T[]): Reader<T> {
  return { expects: `one of ${words.join(', ')}`, read: (value) => words.find((word) => word === value) };
}

function wholeNumber(value: unknown, least: number, most: number): number | undefined {
  const number = typeof value === 'string' && /^[0-9]{1,9}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most ? number : undefined;
}
