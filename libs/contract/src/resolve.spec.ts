import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolve } from './resolve.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes.ts';

const routes = Object.entries<Route>(ROUTES);
const targetOf = (route: Route): string => route.path.replace('{path}', 'app1/db').replace('{name}', 'alice');
const problemOf = (method: string, target: string): string => {
  const resolution = resolve(method, target);
  return 'problem' in resolution ? resolution.problem : 'resolved';
};

const segment = fc.stringMatching(/^[A-Za-z0-9._-]{1,12}$/).filter((text) => text !== '.' && text !== '..');
const secretPath = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => segments.join('/'));

describe('resolve', () => {
  it.each(routes)('finds %s', (name, route) => {
    const resolution = resolve(route.method, targetOf(route));
    const params = route.path.includes('{path}') ? { path: 'app1/db' } : route.path.includes('{name}') ? { name: 'alice' } : {};
    expect(resolution).toEqual({ route: name, params, query: {} });
  });

  it.each(routes)('answers 405 with the methods that %s shares its target with', (_, route) => {
    const siblings = routes.filter(([, other]) => other.path === route.path).map(([, other]) => other.method);
    for (const method of ['HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'get', 'QUERY', 'toString', '__proto__']) {
      expect(resolve(method, targetOf(route))).toEqual({ problem: 'method_not_allowed', allow: siblings });
    }
  });

  it.each(routes)('reaches %s in no other spelling', (name, route) => {
    const target = targetOf(route);
    const first = target.slice(1);
    const spellings = [
      `//${first}`,
      `/${target}`,
      `${target}/`,
      `${target};x`,
      `${target}%00`,
      `${target}%20`,
      `${target}#x`,
      `${target}?`,
      `${target}?x`,
      `${target}\\`,
      `${target} HTTP/1.1`,
      `/.${target}`,
      `/x/..${target}`,
      `/%61${first.slice(1)}`,
      `/${first.toUpperCase()}`,
      `https://h${target}`,
      `http://x/${target}`,
      `h${target}`,
      first,
      `*`,
      '',
    ];
    for (const spelling of spellings)
      expect([spelling, resolve(route.method, spelling)]).not.toEqual([spelling, expect.objectContaining({ route: name })]);
  });

  it('reads a path the same whether its slashes are escaped or not', () => {
    fc.assert(
      fc.property(secretPath, fc.boolean(), (path, upper) => {
        const escaped = path.replaceAll('/', upper ? '%2F' : '%2f');
        expect(resolve('GET', `/api/v1/secrets/${escaped}`)).toEqual({ route: 'readSecret', params: { path }, query: {} });
        expect(resolve('POST', `/api/v1/secrets/${escaped}:restore`)).toEqual({ route: 'restoreSecret', params: { path }, query: {} });
      }),
    );
  });

  it('hands on nothing but what was written, whatever is asked for', () => {
    const piece = fc.constantFrom(
      'a',
      '/',
      '.',
      '..',
      '%2F',
      '%2e',
      '%25',
      '%',
      ':',
      ';',
      '?',
      '&',
      '=',
      '//',
      '\\',
      '\0',
      'é',
      ' ',
      '@',
      'restore',
    );
    fc.assert(
      fc.property(fc.string({ unit: piece, maxLength: 12 }), (tail) => {
        const resolution = resolve('GET', `/api/v1/secrets/${tail}`);
        if ('problem' in resolution) return;
        const path = resolution.params.path ?? '';
        expect(path).toMatch(/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/);
        expect(path.split('/')).not.toContain('..');
        expect(tail.replaceAll(/%2F/gi, '/').startsWith(path)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    'app1/../app2/db',
    'app1/%2e%2e/app2/db',
    'app1/..%2fapp2/db',
    'app1%2f..%2fapp2/db',
    'app1/./x',
    'app1/%252e%252e/app2/db',
    'app1/%252fx',
    'app1//x',
    'app1%2f%2fx',
    'app1/%2fx',
    'app1/x%2f',
    'auth/login/../x',
    'caf\u00e9',
    'caf%c3%a9',
    'a%00b',
    'a\0b',
    'a%3Arestore',
    'a%',
    'a%2',
    '[id]',
    'a@b',
    'user@app1/db',
    '..',
    '%2e%2e',
  ])('refuses the path %j', (path) => {
    for (const method of ['GET', 'DELETE']) expect(problemOf(method, `/api/v1/secrets/${path}`)).toBe('malformed_target');
  });

  it.each(['..%2froot', '%2e%2e', 'a%2fb', 'a%00b', 'a/../../root', 'a b', 'a\0b'])('refuses the name %j', (name) => {
    expect(problemOf('PUT', `/api/v1/roles/${name}`)).toBe('malformed_target');
  });

  it('takes an @ in a name, as an operator may have one, and nowhere else', () => {
    expect(resolve('PUT', '/api/v1/operators/alice@acme.internal')).toMatchObject({ params: { name: 'alice@acme.internal' } });
    for (const target of ['/api/v1@x/secrets', '/@/api/v1/session', '/api/v1/operators@/a']) {
      expect(problemOf('GET', target)).toBe('malformed_target');
    }
  });

  it('knows no type beside its own', () => {
    expect(problemOf('GET', '/api/v1/secretsx/a')).toBe('unknown_route');
    expect(problemOf('GET', '/api/v1/secrets/a:unknown')).toBe('unknown_route');
    expect(problemOf('GET', '/api/v1/secrets/a:versions:versions')).toBe('unknown_route');
    expect(problemOf('GET', '/api/v1/secrets/a:toString')).toBe('unknown_route');
    expect(problemOf('GET', '/api/v1/__proto__')).toBe('unknown_route');
    expect(problemOf('GET', '/api/v1/roles/a/b')).toBe('malformed_target');
    expect(problemOf('GET', '/metrics')).toBe('unknown_route');
  });

  it('decodes the values of a query once', () => {
    expect(resolve('GET', '/api/v1/secrets?label=tier%3Dweb&q=a+b%252f')).toMatchObject({ query: { label: 'tier=web', q: 'a b%2f' } });
  });

  it.each([
    'a=1&a=2',
    'prefix=a&prefix=a',
    'id[]=1',
    'a[a]=1',
    '__proto__=1',
    'a.b=1',
    'prefix',
    '=',
    '&',
    'a=1&',
    'q=%',
    'q=%ff',
    'q=%zz',
    'q=\u00e9',
    '%71=a',
    'q=a#b',
  ])('refuses the query %j', (query) => {
    expect(problemOf('GET', `/api/v1/secrets?${query}`)).toBe('malformed_target');
  });

  it('decides by the path alone, whatever a query says', () => {
    expect(resolve('GET', '/api/v1/secrets/app2/db?version=1')).toMatchObject({ route: 'readSecret', params: { path: 'app2/db' } });
    expect(resolve('GET', '/api/v1/secrets/app2/db?next=/api/v1/session')).toMatchObject({
      route: 'readSecret',
      params: { path: 'app2/db' },
    });
  });

  it('gives up on a long target without looking into it', () => {
    expect(problemOf('GET', `/api/v1/secrets?${'a[a]'.repeat(16_384)}`)).toBe('malformed_target');
    expect(problemOf('GET', `/${'a/'.repeat(500_000)}`)).toBe('malformed_target');
  });
});
