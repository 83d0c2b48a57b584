import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANONYMOUS, SERVER } from '#identity';
import { entryOfLine, formatAttempt } from './attempt.ts';

const time = new Date('2026-12-01T12:00:00.000Z');

describe('a line of the journal', () => {
  it.each([ANONYMOUS, SERVER])('becomes the entry of what $id tried', (caller) => {
    const line = formatAttempt({ caller, action: 'system:unseal', request: { id: 'r', peer: 'p' } }, 'wrong_key', time);
    expect(line).not.toContain('\n');
    expect(entryOfLine(line)).toEqual({
      time: time.toISOString(),
      caller: { ...caller },
      peer: 'p',
      action: 'system:unseal',
      resource: 'server',
      decision: 'none',
      outcome: 'failed',
      code: 'wrong_key',
      requestId: 'r',
    });
  });

  it('is passed over where a crash tore it', () => {
    const line = formatAttempt({ caller: ANONYMOUS, action: 'system:init', request: { id: 'r', peer: 'p' } }, 'wrong_key', time);
    for (let length = 0; length < line.length; length++) expect(entryOfLine(line.slice(0, length))).toBeUndefined();
  });

  it('that is anything else never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => void expect(entryOfLine(line)).toBeUndefined()));
  });
});
