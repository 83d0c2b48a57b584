import { describe, expect, it } from 'vitest';
import { PROBLEMS, problem } from './problems.ts';
import { KIB, type Route } from './route.ts';
import { ROUTES } from './routes.ts';

const routes = Object.entries<Route>(ROUTES);

describe('ROUTES', () => {
  it('lets exactly these in without a credential', () => {
    const anonymous = routes.filter(([, route]) => route.anonymous).map(([name]) => name);
    expect(anonymous).toEqual([
      'signIn',
      'issueCertificate',
      'startSignIn',
      'finishSignIn',
      'readSpiffeBundle',
      'readStatus',
      'initialize',
      'unseal',
      'describe',
      'browse',
    ]);
  });

  it('answers exactly these while sealed', () => {
    const sealed = routes.filter(([, route]) => route.sealed).map(([name]) => name);
    expect(sealed).toEqual(['readStatus', 'initialize', 'unseal', 'describe', 'browse']);
  });

  it('declares an action for each', () => {
    for (const [, route] of routes) expect(route.action).toMatch(/^(secret|identity|policy|approval|audit|system):[a-z-]+$/);
  });

  it('gives no two routes one method and path', () => {
    const targets = routes.map(([, route]) => `${route.method} ${route.path}`);
    expect(new Set(targets).size).toBe(targets.length);
  });

  it('bounds every body, and what strangers may send to what they need', () => {
    for (const [, route] of routes) expect(route.bodyLimit === undefined).toBe(route.body === undefined);
    const strangers = routes
      .filter(([, route]) => route.anonymous && route.body)
      .map(([name, { bodyLimit = 0 }]) => [name, bodyLimit / KIB]);
    expect(Object.fromEntries(strangers)).toEqual({
      signIn: 16,
      issueCertificate: 96,
      startSignIn: 16,
      finishSignIn: 32,
      initialize: 64,
      unseal: 16,
    });
  });

  it('has room for the longest password, escaped to the last character', () => {
    const password = '\\ud83e\\udd89'.repeat(1_024);
    const body = `{"name":"${'a'.repeat(64)}","password":"${password}"}`;
    expect(body.length).toBeLessThan(ROUTES.signIn.bodyLimit);
  });

  it('answers 204 exactly where there is nothing to say', () => {
    for (const [, route] of routes) expect(route.status === 204).toBe(route.response === undefined);
  });
});

describe('problem', () => {
  it('is an RFC 9457 object with a constant title', () => {
    expect(problem('denied', 'r-1')).toEqual({
      type: 'urn:holdfast:problem:denied',
      title: PROBLEMS.denied.title,
      status: 403,
      code: 'denied',
      requestId: 'r-1',
    });
    expect(problem('invalid_role', 'r-1', 'rules.0').hint).toBe('rules.0');
  });
});
