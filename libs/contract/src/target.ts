/** A request target in origin form. `path` is as written; `query` is decoded. */
export interface Target {
  readonly path: string;
  readonly query: Record<string, string>;
}

const MAX_TARGET = 8_192;
const PATH = /^(?:\/[A-Za-z0-9._:@%-]+)+$/;
const PARAMETER = /^[a-z][a-zA-Z]{0,31}$/;
const VALUE = /^[\x21-\x7e]*$/;

/**
 * Reads a raw request target (RFC 9112 section 3.2.1, origin form only). `undefined` where two parsers could read it differently:
 * absolute form, `//`, dot segments, a trailing slash, a fragment, any character that no name contains, a query parameter given
 * twice or not of the form `name=value`.
 */
export function parseTarget(raw: string): Target | undefined {
  if (raw.length > MAX_TARGET) return undefined;
  const mark = raw.indexOf('?');
  const path = mark === -1 ? raw : raw.slice(0, mark);
  if (!PATH.test(path) || hasDotSegment(path)) return undefined;
  const query = mark === -1 ? {} : parseQuery(raw.slice(mark + 1));
  return query && { path, query };
}

function hasDotSegment(path: string): boolean {
  return path.includes('/.') && path.split('/').some((segment) => segment === '.' || segment === '..');
}

function parseQuery(text: string): Record<string, string> | undefined {
  const query: Record<string, string> = {};
  for (const pair of text.split('&')) {
    const mark = pair.indexOf('=');
    const name = pair.slice(0, mark);
    const value = mark === -1 ? undefined : decodeValue(pair.slice(mark + 1));
    if (value === undefined || !PARAMETER.test(name) || Object.hasOwn(query, name)) return undefined;
    query[name] = value;
  }
  return query;
}

/** `application/x-www-form-urlencoded`, as URL builders write it. */
function decodeValue(written: string): string | undefined {
  if (!VALUE.test(written) || written.includes('#')) return undefined;
  try {
    return decodeURIComponent(written.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
