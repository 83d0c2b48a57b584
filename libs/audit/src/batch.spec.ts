import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBatch, encodeBatch } from './batch.ts';
import { AuditError } from './errors.ts';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
const entry = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const batch = fc.record({ frontier: fc.array(hash, { maxLength: 53 }), authority: hash, entries: fc.array(entry, { maxLength: 64 }) });

describe('a batch', () => {
  it('reads back as it was written', () => {
    fc.assert(
      fc.property(batch, (batch) => {
        expect(decodeBatch(encodeBatch(batch))).toEqual(batch);
      }),
    );
  });

  it('is refused when it was cut short or something was added', () => {
    fc.assert(
      fc.property(batch, fc.nat(), (batch, at) => {
        const frame = encodeBatch(batch);
        for (const other of [frame.subarray(0, at % frame.length), Buffer.concat([frame, Buffer.of(1)])]) {
          // A cut between two entries leaves a batch with fewer: the row's count tells.
          try {
            expect(decodeBatch(other).entries.length).toBeLessThan(batch.entries.length);
          } catch (error) {
            if (!(error instanceof AuditError)) throw error;
          }
        }
      }),
    );
  });

  it('of another format is refused', () => {
    const frame = encodeBatch({ frontier: [], authority: Buffer.alloc(32), entries: [] });
    frame[0] = 2;
    expect(() => decodeBatch(frame)).toThrow(expect.objectContaining({ code: 'malformed_batch' }));
  });
});
