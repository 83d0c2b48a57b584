import { describe, expect, it } from 'vitest';
import { ASTRAY, ROUTES, UNPROVEN, type RateLimit, type Route, type RouteName } from '#contract';
import { operator, workload } from '../../../../test/support/callers.ts';
import type { Principal } from '#identity';
import { Connection } from '../connections.ts';
import { Exchange } from './exchange.ts';
import { RateLimits } from './rate-limits.ts';
import { Refusal } from './refusal.ts';

const API = workload('spiffe://acme.internal/api');
const WEB = workload('spiffe://acme.internal/web');
const ONCE = { perCaller: 1, perAddress: 1 };

function scene(scale = ONCE) {
  const limited: [RouteName | undefined, string][] = [];
  const time = { now: 0 };
  const limits = new RateLimits(scale, { limited: (route, by) => limited.push([route, by]) }, () => time.now);
  return { limits, limited, time };
}

function exchangeFrom(remoteAddress: string, headers: Record<string, string> = {}, authorized = false): Exchange {
  return new Exchange('r-1', new Connection('operator', { remoteAddress, authorized }), headers);
}

/** How many go through until one is refused, and that refusal. */
function until(ask: () => void): { readonly passed: number; readonly refusal: Refusal } {
  for (let passed = 0; ; passed += 1) {
    try {
      ask();
    } catch (error) {
      if (error instanceof Refusal) return { passed, refusal: error };
      throw error;
    }
  }
}

const caller = (limits: RateLimits, who: Principal, route: RouteName | undefined) => (): void =>
  limits.ofCaller(exchangeFrom('192.0.2.1'), who, route);

describe('a caller', () => {
  it.each(Object.entries<Route>(ROUTES))('gets of %s what its row says', (name, { limit }) => {
    const { limits, limited, time } = scene({ perCaller: 0.01, perAddress: 1 });
    const route = name as RouteName;
    const holds = Math.max(1, Math.floor(limit.burst * 0.01));
    const { passed, refusal } = until(caller(limits, API, route));
    expect(passed).toBe(holds);
    expect(refusal).toMatchObject({
      code: 'too_many_requests',
      detail: { headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) } },
    });
    expect(limited).toEqual([[route, 'caller']]);
    time.now += Number(refusal.detail.headers?.['retry-after']) * 1_000;
    expect(caller(limits, API, route)).not.toThrow();
  });

  it('has its own bucket of each route, and of all that leads nowhere', () => {
    const { limits } = scene();
    expect(until(caller(limits, API, undefined)).passed).toBe(ASTRAY.burst);
    expect(until(caller(limits, API, 'seal')).passed).toBe(ROUTES.seal.limit.burst);
    expect(until(caller(limits, WEB, 'seal')).passed).toBe(ROUTES.seal.limit.burst);
    expect(until(caller(limits, operator('alice'), 'seal')).passed).toBe(ROUTES.seal.limit.burst);
  });

  it('is named, with the route, where it is refused', () => {
    const { limits } = scene();
    const exchange = exchangeFrom('192.0.2.1');
    until(() => limits.ofCaller(exchange, API, 'seal'));
    expect(exchange).toMatchObject({ caller: API, route: 'seal' });
  });

  it('is not forgotten for any number of strangers', () => {
    const { limits } = scene();
    until(caller(limits, API, 'seal'));
    for (let at = 0; at < 50_000; at += 1)
      limits.ofUnproven(exchangeFrom(`2001:db8:${(at >> 8).toString(16)}:${(at & 255).toString(16)}::1`), undefined);
    expect(caller(limits, API, 'seal')).toThrow(Refusal);
  });
});

describe('an address', () => {
  it.each([
    ['without a credential', {}, UNPROVEN.without],
    ['with one', { authorization: 'Bearer hfs_x' }, UNPROVEN.with],
  ] as const)('gets what the row says before it is known who asks, %s', (_, headers, { burst }: RateLimit) => {
    const { limits, limited } = scene();
    expect(until(() => limits.ofUnproven(exchangeFrom('192.0.2.1', headers), 'readSecret')).passed).toBe(burst);
    expect(limited).toEqual([['readSecret', 'address']]);
    expect(() => limits.ofUnproven(exchangeFrom('192.0.2.2', headers), 'readSecret')).not.toThrow();
  });

  it('of IPv6 is all of its /64', () => {
    const { limits } = scene();
    let at = 0;
    const { passed } = until(() => limits.ofUnproven(exchangeFrom(`2001:db8::${(at++).toString(16)}`), undefined));
    expect(passed).toBe(UNPROVEN.without.burst);
    expect(() => limits.ofUnproven(exchangeFrom('2001:db8:0:1::1'), undefined)).not.toThrow();
  });

  it('that strangers have used up leaves room for who has a credential', () => {
    const { limits } = scene();
    until(() => limits.ofUnproven(exchangeFrom('192.0.2.1'), undefined));
    expect(() => limits.ofUnproven(exchangeFrom('192.0.2.1', { authorization: 'Bearer hfs_x' }), undefined)).not.toThrow();
  });

  it('has back what proved to be somebody, who is counted instead', () => {
    const { limits } = scene({ perCaller: 100, perAddress: 1 });
    for (let at = 0; at < UNPROVEN.with.burst * 2; at += 1) {
      const exchange = exchangeFrom('192.0.2.1', { authorization: 'Bearer hfs_x' });
      limits.ofUnproven(exchange, 'seal');
      exchange.route = 'seal';
      limits.proven(exchange, operator('alice'));
    }
  });

  it('lets in any number whose certificates are verified, once for each connection and again where it was good', () => {
    const { limits } = scene();
    for (let at = 0; at < 5_000; at += 1) limits.ofUnproven(exchangeFrom('192.0.2.1', {}, true), 'readSecret');
    const exchange = exchangeFrom('192.0.2.1', {}, true);
    for (let at = 0; at < 5_000; at += 1) {
      limits.ofUnproven(exchange, 'readSecret');
      exchange.connection.freeLook = true;
    }
    exchange.connection.freeLook = false;
    expect(until(() => limits.ofUnproven(exchange, 'readSecret')).passed).toBe(UNPROVEN.with.burst);
  });

  it.each(Object.entries<Route>(ROUTES).flatMap(([name, route]) => (route.anonymous ? [[name, route.strangers] as const] : [])))(
    'gets of %s what its row says',
    (name, { burst }) => {
      const { limits } = scene();
      const exchange = exchangeFrom('192.0.2.1');
      exchange.route = name as RouteName;
      expect(until(() => limits.ofStranger(exchange)).passed).toBe(burst);
    },
  );
});
