import fc from 'fast-check';
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

  it('tells a hundred kinds of one caller apart, and counts the others by action and code', () => {
    const fold = new Fold();
    const many = Array.from({ length: 250 }, (_, index) => denial(0, { resource: `a/${index}`, version: 7, rule: `role#${index}` }));
    expect(many.filter((each) => fold.admits(each))).toHaveLength(100);
    expect(fold.admits(denial(1, { action: 'secret:list' }))).toBe(false);
    expect(fold.admits(denial(1, { resource: 'a/0' }))).toBe(false);
    const { caller } = denial(0);
    expect(fold.take()).toEqual([
      expect.objectContaining({ caller, action: 'secret:read', resource: 'a/0', count: 1 }),
      expect.objectContaining({
        caller,
        action: 'secret:read',
        resource: '**',
        code: 'denied',
        count: 150,
        version: undefined,
        rule: undefined,
      }),
      expect.objectContaining({ caller, action: 'secret:list', resource: '**', code: 'denied', count: 1 }),
    ]);
  });

  it('hides no caller behind another who asks for everything', () => {
    const fold = new Fold();
    const other = { kind: 'workload', id: 'spiffe://acme.internal/web', method: 'certificate', credential: 'sha256:01' };
    for (let index = 0; index < 20_000; index++) fold.admits(denial(0, { resource: `a/${index}` }));
    expect(fold.admits(denial(1, { caller: other }))).toBe(true);
  });

  it('gives a caller new kinds when the minute of the old ones is over', () => {
    const fold = new Fold();
    for (let index = 0; index < 200; index++) fold.admits(denial(index < 100 ? 0 : 30, { resource: `a/${index}` }));
    expect(fold.admits(denial(59, { resource: 'b' }))).toBe(false);
    expect(fold.admits(denial(60, { resource: 'b' }))).toBe(true);
    expect(fold.take().map(({ resource, count }) => [resource, count])).toEqual([['**', 101]]);
  });

  it('counts everything, and keeps its memory, when there are too many callers to tell apart', () => {
    const fold = new Fold();
    const callers = Array.from({ length: 200 }, (_, index) => ({ ...stranger, kind: 'workload', id: `spiffe://acme.internal/${index}` }));
    const drafts = callers.flatMap((caller) => Array.from({ length: 60 }, (_, index) => denial(0, { caller, resource: `a/${index}` })));
    expect(drafts.filter((each) => fold.admits(each))).toHaveLength(10_000);
    expect(fold.take()).toMatchObject([{ caller: { kind: 'server' }, resource: '**', count: 2_000, code: 'too_many_refusals' }]);
  });

  it('loses and invents nothing, whoever asks for what, and whatever could not be written', () => {
    const access = fc.record({ who: fc.nat(2), what: fc.nat(300), at: fc.nat(150), fails: fc.boolean() });
    const check = fc.property(fc.array(access, { minLength: 200, maxLength: 600 }), (accesses) => {
      const fold = new Fold();
      let written = 0;
      for (const { who, what, at, fails } of accesses) {
        const draft = denial(at, {
          caller: who === 0 ? stranger : { ...stranger, kind: 'workload', id: `w${who}` },
          resource: `a/${what}`,
        });
        if (!fold.admits(draft)) continue;
        if (fails) fold.count(draft);
        else written += 1;
        if (what === 0) for (const taken of fold.take(START + at * 1_000)) fold.count(taken);
      }
      for (const { count = 0 } of fold.take()) written += count;
      expect(written).toBe(accesses.length);
    });
    fc.assert(check, { numRuns: 50 });
  });
});
