import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Metrics } from './metrics.ts';
import { Probe } from './probe.ts';

const state = { workload: false, operator: true };
const observed = { approved: () => new Map([['secret:read', 2]] as const), secondsLeft: () => new Map([['crl', -1.5]]) };
const metrics = new Metrics({ sealed: () => !state.workload, writable: () => true, ...observed });
let probe: Probe;
let base: string;

beforeEach(async () => {
  probe = new Probe({ workload: () => state.workload, operator: () => state.operator }, metrics);
  const { port } = await probe.open({ address: '127.0.0.1', port: 0 });
  base = `http://127.0.0.1:${port}`;
});
afterEach(() => probe.close());

const statusOf = async (path: string, init?: RequestInit): Promise<number> => (await fetch(base + path, init)).status;

describe('the probe', () => {
  it('is live whatever the seal, and ready for workloads only while they are served', async () => {
    expect(await statusOf('/health/live')).toBe(200);
    expect(await statusOf('/health/ready')).toBe(503);
    expect(await statusOf('/health/ready?for=operator')).toBe(200);
    state.workload = true;
    expect(await statusOf('/health/ready')).toBe(200);
    state.workload = false;
  });

  it('answers nothing else, and only GET', async () => {
    expect(await statusOf('/')).toBe(404);
    expect(await statusOf('/api/v1/system/status')).toBe(404);
    expect(await statusOf('/health/live?x=1')).toBe(404);
    expect(await statusOf('/health/live', { method: 'POST', body: 'x' })).toBe(405);
  });

  it('counts what rested on an approval', async () => {
    for (let time = 0; time < 2; time++) {
      expect(await (await fetch(`${base}/metrics`)).text()).toContain('holdfast_approved_accesses_total{action="secret:read"} 2');
    }
  });

  it('counts answers by route and status, whatever was asked for', async () => {
    metrics.answered('readSecret', 200);
    metrics.answered('readSecret', 200);
    metrics.answered(undefined, 404);
    const text = await (await fetch(`${base}/metrics`)).text();
    expect(text).toContain('holdfast_requests_total{route="readSecret",status="200"} 2');
    expect(text).toContain('holdfast_requests_total{route="none",status="404"} 1');
    expect(text).toContain('holdfast_sealed 1');
  });
});
