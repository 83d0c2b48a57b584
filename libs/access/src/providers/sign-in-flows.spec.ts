import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import type { ProviderRecord } from './provider-record.ts';
import { SignInFlows, type Flow } from './sign-in-flows.ts';

const FLOW: Flow = { provider: {} as ProviderRecord, redirectUri: '', state: 's', nonce: 'n', verifier: 'v' };

let clock: FakeClock;
let flows: SignInFlows;
beforeEach(() => {
  clock = new FakeClock();
  flows = new SignInFlows(clock);
});

describe('sign-ins under way', () => {
  it('are finished once', () => {
    flows.begin('a', FLOW, '192.0.2.1');
    expect(flows.take('a')).toMatchObject(FLOW);
    expect(flows.take('a')).toBeUndefined();
    expect(flows.take('never')).toBeUndefined();
  });

  it('end after ten minutes', () => {
    const until = flows.begin('a', FLOW, '192.0.2.1');
    flows.begin('b', FLOW, '192.0.2.1');
    expect(until.getTime() - clock.now().getTime()).toBe(600_000);
    clock.advance(599_999);
    expect(flows.take('a')).toBeDefined();
    clock.advance(1);
    expect(flows.take('b')).toBeUndefined();
  });

  it('F11: are no more than sixteen of one address, which push out their own, and two thousand of all', () => {
    flows.begin('mine', FLOW, '192.0.2.1');
    for (let i = 0; i < 1_000; i += 1) flows.begin(`theirs${i}`, FLOW, '192.0.2.2');
    expect(flows.size).toBe(17);
    expect(flows.take('theirs983')).toBeUndefined();
    expect(flows.take('theirs984')).toBeDefined();
    for (let i = 0; i < 1_500; i += 1) flows.begin(`other${i}`, FLOW, `198.51.100.${i}`);
    expect(flows.take('mine')).toBeDefined();
    for (let i = 0; i < 10_000; i += 1) flows.begin(`more${i}`, FLOW, `203.0.113.${i}`);
    expect(flows.size).toBe(2_000);
  });

  it('F11: that have ended make room', () => {
    for (let i = 0; i < 1_000; i += 1) flows.begin(`a${i}`, FLOW, `198.51.100.${i}`);
    clock.advance(600_000);
    flows.begin('b', FLOW, '192.0.2.1');
    expect(flows.size).toBe(1);
  });
});
