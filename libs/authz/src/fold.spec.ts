import { describe, expect, it } from 'vitest';
import type { EntryDraft } from '#audit';
import { Fold } from './fold.ts';

const START = Date.parse('2026-12-01T12:00:00.000Z');

function denial(seconds: number, changes: Partial<EntryDraft> = {}): EntryDraft {
  return {
    time: new Date(START + seconds * 1_000).toISOString(),
    caller: { kind: 'workload', id: 'spiffe://acme.internal/api', method: 'certificate', credential: 'sha256:00' },
    peer: '10.0.0.1',
    action: 'secret:read',
    resource: 'payments/db',
    decision: 'deny',
    outcome: 'denied',
    code: 'denied',
    requestId: `r${seconds}`,
    ...changes,
  };
}

const stranger = { kind: 'anonymous', id: 'anonymous', method: 'none', credential: '' };

describe('folding', () => {
  it('gives the first an entry of its own and counts its repeats', () => {
    const fold = new Fold();
    expect([0, 1, 2, 59].map((second) => fold.admits(denial(second)))).toEqual([true, false, false, false]);
    expect(fold.take(START + 59_999)).toEqual([]);
    const [entry, ...others] = fold.take(START + 60_000);
    expect(others).toEqual([]);
    expect(entry).toEqual({ ...denial(1), time: denial(59).time, count: 3, first: denial(1).time, last: denial(59).time });
  });

  it('says nothing more of what did not repeat', () => {
    const fold = new Fold();
    fold.admits(denial(0));
    expect(fold.take()).toEqual([]);
  });

  it('begins anew after a minute, and loses nothing of the minute before', () => {
    const fold = new Fold();
    expect([0, 30, 61].map((second) => fold.admits(denial(second)))).toEqual([true, false, true]);
    expect(fold.take().map((entry) => entry.count)).toEqual([1]);
  });

  it('begins anew when the clock was set back', () => {
    const fold = new Fold();
    expect([0, -3_600].map((second) => fold.admits(denial(second)))).toEqual([true, true]);
  });

  it('keeps callers, things and codes apart', () => {
    const fold = new Fold();
    const other = { kind: 'workload', id: 'spiffe://acme.internal/web', method: 'certificate', credential: 'sha256:01' };
    const differing = [{}, { caller: other }, { resource: 'payments/api' }, { action: 'secret:list' }, { code: 'not_found' }];
    expect(differing.every((changes) => fold.admits(denial(0, changes)))).toBe(true);
  });

  it('folds strangers by address, whatever they ask for', () => {
    const fold = new Fold();
    expect(fold.admits(denial(0, { caller: stranger, resource: 'a' }))).toBe(true);
    expect(fold.admits(denial(1, { caller: stranger, resource: 'b' }))).toBe(false);
    expect(fold.admits(denial(2, { caller: stranger, resource: 'c' }))).toBe(false);
    expect(fold.admits(denial(2, { caller: stranger, peer: '10.0.0.2' }))).toBe(true);
    expect(fold.take()).toMatchObject([{ caller: stranger, resource: '**', count: 2 }]);
  });

  it('takes back what could not be written', () => {
    const fold = new Fold();
    for (const second of [0, 1, 2]) fold.admits(denial(second));
    const taken = fold.take();
    fold.count(denial(3));
    for (const entry of taken) fold.count(entry);
    expect(fold.take()).toMatchObject([{ count: 3, first: denial(1).time, last: denial(3).time }]);
  });

  it('counts everything, and keeps its memory, when there are too many kinds to tell apart', () => {
    const fold = new Fold();
    const admitted = Array.from({ length: 10_050 }, (_, index) => fold.admits(denial(0, { resource: `a/${index}` })));
    expect(admitted.filter(Boolean)).toHaveLength(10_000);
    expect(fold.take()).toMatchObject([{ caller: { kind: 'server' }, resource: '**', count: 50, code: 'too_many_refusals' }]);
  });
});
