import type { Route } from './route.ts';
import { isRouteName, ROUTES, type RouteName } from './routes.ts';
import { parseTarget } from './target.ts';

/** Where a request leads, or why nowhere. `allow` lists the methods that the target does know. */
export type Resolution =
  | { readonly route: RouteName; readonly params: Readonly<Record<string, string>>; readonly query: Readonly<Record<string, string>> }
  | { readonly problem: 'malformed_target' | 'unknown_route' }
  | { readonly problem: 'method_not_allowed'; readonly allow: readonly string[] };

type Methods = ReadonlyMap<string, RouteName>;

interface Template {
  /** Literal text before the parameter. */
  readonly prefix: string;
  readonly parameter: string;
  /** By custom method, '' where there is none. */
  readonly verbs: Map<string, Map<string, RouteName>>;
}

const EMPTY_OR_DOT_SEGMENT = /(?:^|\/)\.{0,2}(?:\/|$)/;
const TEMPLATE = /^(?<prefix>[^{]*)\{(?<parameter>path|name)\}(?::(?<verb>[a-z-]+))?$/;

const literals = new Map<string, Map<string, RouteName>>();
const templates: Template[] = [];
for (const name of Object.keys(ROUTES)) if (isRouteName(name)) register(name, ROUTES[name]);

/**
 * Finds the route of a raw request target, before anything else looks at it. Each route is reached in exactly one spelling; every
 * other spelling of it, and every target that two parsers could read differently, is `malformed_target` or `unknown_route`.
 */
export function resolve(method: string, rawTarget: string): Resolution {
  const target = parseTarget(rawTarget);
  if (target === undefined) return { problem: 'malformed_target' };
  const methods = literals.get(target.path);
  if (methods !== undefined) return choose(methods, method, {}, target.query);
  for (const template of templates) {
    if (target.path.startsWith(template.prefix)) return resolveTemplate(template, method, target.path, target.query);
  }
  return { problem: /[%@]/.test(target.path) ? 'malformed_target' : 'unknown_route' };
}

function resolveTemplate(template: Template, method: string, path: string, query: Record<string, string>): Resolution {
  const colon = path.indexOf(':');
  const verb = colon === -1 ? '' : path.slice(colon + 1);
  const written = path.slice(template.prefix.length, colon === -1 ? undefined : colon);
  const value = parameterValue(template.parameter, written);
  if (value === undefined) return { problem: 'malformed_target' };
  const methods = template.verbs.get(verb);
  return methods === undefined ? { problem: 'unknown_route' } : choose(methods, method, { [template.parameter]: value }, query);
}

/** Decodes `%2F` of a path, once; nothing else is ever decoded. A name may hold `@`, as operators' names do. */
function parameterValue(parameter: string, written: string): string | undefined {
  const value = parameter === 'path' && written.includes('%') ? written.replaceAll(/%2F/gi, '/') : written;
  if (value.includes('%') || value.includes(parameter === 'name' ? '/' : '@')) return undefined;
  return EMPTY_OR_DOT_SEGMENT.test(value) ? undefined : value;
}

function choose(methods: Methods, method: string, params: Record<string, string>, query: Record<string, string>): Resolution {
  const route = methods.get(method);
  return route === undefined ? { problem: 'method_not_allowed', allow: [...methods.keys()] } : { route, params, query };
}

function register(name: RouteName, route: Route): void {
  const match = TEMPLATE.exec(route.path)?.groups;
  if (match === undefined) {
    add(literals, route.path, route.method, name);
    return;
  }
  const { prefix = '', parameter = '', verb = '' } = match;
  let template = templates.find((known) => known.prefix === prefix);
  if (template === undefined) templates.push((template = { prefix, parameter, verbs: new Map() }));
  add(template.verbs, verb, route.method, name);
}

function add(table: Map<string, Map<string, RouteName>>, key: string, method: string, name: RouteName): void {
  const methods = table.get(key) ?? new Map<string, RouteName>();
  table.set(key, methods.set(method, name));
}
