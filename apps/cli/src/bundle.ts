import type { ResponseOf } from '#contract';
import { call, exitOf } from './client.ts';
import { callerEndpoint } from './client-settings.ts';
import { EXIT, Failure, usageFailure } from './failure.ts';

/** A secret that was fetched. */
export interface FetchedSecret {
  readonly path: string;
  readonly data: Readonly<Record<string, string>>;
  readonly binary: readonly string[];
}

/** A field under a name of its own. */
export interface Mapping {
  readonly name: string;
  readonly path: string;
  readonly field: string;
}

/** Reads `NAME=PATH#FIELD`. */
export function parseMapping(text: string): Mapping {
  const { name, path, field } = /^(?<name>[A-Za-z_][A-Za-z0-9_.-]*)=(?<path>[^#=]+)#(?<field>[^#]+)$/.exec(text)?.groups ?? {};
  if (name === undefined || path === undefined || field === undefined) throw usageFailure('--map is written NAME=PATH#FIELD');
  return { name, path, field };
}

/** Fetches what is mapped or named, or everything that the caller may read. One secret that can't be had fails the whole. */
export async function fetchBundle(mappings: readonly Mapping[], paths: readonly string[]): Promise<FetchedSecret[]> {
  const wanted = [...new Set([...mappings.map(({ path }) => path), ...paths])];
  const body = wanted.length === 0 ? {} : { paths: wanted };
  const { items } = await call<'readBundle'>(callerEndpoint(), { method: 'POST', target: '/bundle', body });
  return items.map(fetched);
}

function fetched({ path, status, code, data, binary }: ResponseOf<'readBundle'>['items'][number]): FetchedSecret {
  if (status !== 200 || data === undefined) throw new Failure(`${path}: ${code ?? status}`, { exit: exitOf(status) });
  return { path, data, binary: binary ?? [] };
}

/** The secret and the value that a mapping means. */
export function mappedSecret(secrets: readonly FetchedSecret[], { name, path, field }: Mapping): { secret: FetchedSecret; value: string } {
  const secret = secrets.find((candidate) => candidate.path === path);
  const value = secret !== undefined && Object.hasOwn(secret.data, field) ? secret.data[field] : undefined;
  if (secret === undefined || value === undefined)
    throw new Failure(`nothing to map to ${name}: there is no such field`, { exit: EXIT.notFound });
  return { secret, value };
}

/** Those that are handed over under their own names: all of them unless only mappings were given. */
export function unmappedSecrets(
  secrets: readonly FetchedSecret[],
  mappings: readonly Mapping[],
  paths: readonly string[],
): FetchedSecret[] {
  return secrets.filter(({ path }) => (mappings.length === 0 && paths.length === 0) || paths.includes(path));
}
