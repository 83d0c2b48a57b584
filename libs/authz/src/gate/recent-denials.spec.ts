import { describe, expect, it } from 'vitest';
import type { EntryDraft } from '#audit';
import { RecentDenials } from './recent-denials.ts';

const caller = { kind: 'workload', id: 'spiffe://acme.internal/api', method: 'certificate', credential: '' };

function denial(requestId: string, resource = 'app/db'): EntryDraft {
  return { time: '', caller, peer: '', action: 'secret:read', resource, decision: 'deny', outcome: 'denied', code: 'denied', requestId };
}

describe('the recent denials', () => {
  it('are found by request, the first of several', () => {
    const denials = new RecentDenials();
    denials.keep(denial('r1', 'app/first'));
    denials.keep(denial('r1', 'app/second'));
    expect(denials.find('r1')).toMatchObject({ resource: 'app/first' });
    expect(denials.find('r2')).toBeUndefined();
  });

  it('are no more than the newest 2,048', () => {
    const denials = new RecentDenials();
    for (let i = 0; i < 2_049; i++) denials.keep(denial(`r${i}`));
    expect([denials.find('r0'), denials.find('r1')?.requestId, denials.find('r2048')?.requestId]).toEqual([undefined, 'r1', 'r2048']);
  });
});
