import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '#crypto';
import { exampleDraft } from '../../../test/support/example-export.ts';
import { completeEntry, entryBytes, type EntryDraft, type Outcome } from './entry.ts';

const PLACE = { salt: '00'.repeat(16), writer: '0011223344556677', seq: 7 };

const text = fc.string({ unit: 'grapheme' });
const anyText = fc.string({ unit: 'binary' });
const draft: fc.Arbitrary<EntryDraft> = fc.record(
  {
    time: text,
    caller: fc.record({ kind: text, id: anyText, method: text, credential: text }),
    peer: text,
    action: text,
    resource: anyText,
    version: fc.maxSafeNat(),
    decision: fc.constantFrom('allow', 'deny', 'none'),
    rule: text,
    outcome: fc.constantFrom<Outcome[]>('released', 'done', 'denied', 'failed', 'refused'),
    code: text,
    requestId: text,
    approval: text,
    digest: text,
    count: fc.maxSafeNat(),
    first: text,
    last: text,
  },
  { requiredKeys: ['time', 'caller', 'peer', 'action', 'resource', 'decision', 'outcome', 'requestId'] },
);

describe("an entry's bytes", () => {
  it('are canonical as an independent implementation of RFC 8785 has it, whatever its texts', () => {
    fc.assert(
      fc.property(draft, fc.maxSafeNat(), (draft, seq) => {
        const entry = completeEntry(draft, { ...PLACE, seq });
        expect(entryBytes(entry)).toEqual(canonicalBytes(JSON.parse(JSON.stringify(entry))));
      }),
    );
  });

  it('are one line, and read back as the entry', () => {
    fc.assert(
      fc.property(draft, (draft) => {
        const entry = completeEntry(draft, PLACE);
        const bytes = entryBytes(entry);
        expect(bytes.includes(0x0a)).toBe(false);
        expect(JSON.parse(bytes.toString())).toEqual(JSON.parse(JSON.stringify(entry)));
      }),
    );
  });

  it('leave out what is undefined', () => {
    const entry = completeEntry({ ...exampleDraft(1), rule: undefined, digest: undefined }, PLACE);
    expect(Object.keys(JSON.parse(entryBytes(entry).toString()))).not.toContain('rule');
  });

  it('record a resource that is no well-formed Unicode all the same', () => {
    const entry = completeEntry({ ...exampleDraft(1), resource: 'a/\ud800' }, PLACE);
    expect(entry.resource).toBe('a/\ufffd');
  });
});
