import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExampleExport, exampleExport, signedCheckpoint, signedTrailer } from '../../../test/support/example-export.ts';
import type { AuditError } from './errors.ts';
import { verifyExport, type VerifyOptions } from './verify-export.ts';

const SIZE = 900;
const LOG = exampleExport(SIZE, 350);
const PINNED = { verifierKey: LOG.verifierKey };

function fileOf({ header, trailer }: Pick<ExampleExport, 'header' | 'trailer'>, entries: readonly Buffer[]): Buffer {
  return Buffer.concat([header, ...entries, trailer].flatMap((line) => [line, Buffer.from('\n')]));
}

function verify(file: Buffer, options: VerifyOptions = PINNED, chunkSize = 1000) {
  return verifyExport(async function* () {
    for (let at = 0; at < file.length; at += chunkSize) yield Buffer.from(file.subarray(at, at + chunkSize));
  }, options);
}

/** Verifies the entries as altered, after proving that the same log unaltered verifies. */
async function verifyAltered(alter: (entries: Buffer[]) => Buffer[], log = LOG) {
  const untouched = await verify(fileOf(log, log.entries), { verifierKey: log.verifierKey });
  expect(untouched).toMatchObject({ ok: true, trust: 'pinned', findings: [] });
  const verdict = await verify(fileOf(log, alter([...log.entries])), { verifierKey: log.verifierKey });
  expect(verdict.ok).toBe(false);
  return verdict;
}

function edited(entry: Buffer | undefined): Buffer {
  return Buffer.from(String(entry).replace('payments/prod', 'payments/test'));
}

function renumbered(entry: Buffer | undefined, seq: number): Buffer {
  return Buffer.from(String(entry).replace(/"seq":\d+/, `"seq":${seq}`));
}

const without = (entries: Buffer[], at: number, count = 1): Buffer[] => entries.toSpliced(at, count);
const entryAt = (at: number): Buffer => LOG.entries[at] ?? Buffer.alloc(0);
const index = fc.integer({ min: 0, max: SIZE - 1 });
const writerOf = (at: number): string =>
  Math.floor(at / 350)
    .toString(16)
    .padStart(16, '0');

describe('an export that was not tampered with', () => {
  it('verifies, and says which entries are proven', async () => {
    const verdict = await verify(fileOf(LOG, LOG.entries));
    expect(verdict).toMatchObject({ ok: true, trust: 'pinned', origin: 'log.example/00112233/1', entries: SIZE, size: SIZE, findings: [] });
    expect(verdict.root).toMatch(/^[0-9a-f]{64}$/);
  });

  it('verifies whatever the chunks, and at every size around a block', async () => {
    for (const size of [0, 1, 2, 255, 256, 257, 512, 513]) {
      const log = exampleExport(size);
      for (const chunkSize of [7, 4096, 1 << 20]) {
        const verdict = await verify(fileOf(log, log.entries), { verifierKey: log.verifierKey }, chunkSize);
        expect(verdict).toMatchObject({ ok: true, entries: size });
      }
    }
  });

  it('says so when its key was only taken from the export itself', async () => {
    expect(await verify(fileOf(LOG, LOG.entries), {})).toMatchObject({ ok: true, trust: 'export' });
  });

  it('reports progress', async () => {
    const log = exampleExport(65_536);
    const seen: number[] = [];
    await verify(fileOf(log, log.entries), { onProgress: (entries) => seen.push(entries) }, 1 << 16);
    expect(seen).toEqual([65_536]);
  });
});

describe('tampering with one entry is named to the entry', () => {
  it('edited, wherever it is', async () => {
    await fc.assert(
      fc.asyncProperty(index, async (at) => {
        const { findings } = await verifyAltered((entries) => entries.with(at, edited(entries[at])));
        expect(findings.map(({ code }) => code)).toEqual(['root_mismatch', 'changed']);
        expect(findings[1]).toMatchObject({ index: at, writer: writerOf(at), seq: at % 350 });
      }),
      { numRuns: 10 },
    );
  });

  it('any one byte of it changed', async () => {
    await fc.assert(
      fc.asyncProperty(index, fc.nat(), fc.integer({ min: 1, max: 255 }), async (at, position, bits) => {
        const line = Buffer.from(entryAt(at));
        const byte = position % line.length;
        line[byte] = (line[byte] ?? 0) ^ bits;
        fc.pre(!line.includes(0x0a));
        const { findings } = await verifyAltered((entries) => entries.with(at, line));
        expect(findings).toContainEqual(expect.objectContaining({ code: 'changed', index: at }));
      }),
      { numRuns: 10 },
    );
  });

  it('deleted, wherever it is, at the end of a writer too', async () => {
    for (const at of [0, 1, 255, 256, 349, 350, 700, 898, 899]) {
      const { findings } = await verifyAltered((entries) => without(entries, at));
      expect(findings.map(({ code }) => code)).toEqual(['root_mismatch', 'truncated', 'missing']);
      expect(findings[2]).toMatchObject({ index: at });
    }
  });

  it('duplicated, wherever it goes', async () => {
    const atTheEndOfABlock: [number, number][] = [[0, 255], [254, 254], [255, 899], [100, 511], [254, 255], [511, 511]]; // prettier-ignore
    await fc.assert(
      fc.asyncProperty(index, index, async (from, at) => {
        const { findings } = await verifyAltered((entries) => entries.toSpliced(at, 0, entryAt(from)));
        expect(findings.map(({ code }) => code)).toEqual(['root_mismatch', 'added']);
        // A copy beside its original can't be told from it.
        expect([at, from, from + 1]).toContain(findings[1]?.index);
      }),
      { numRuns: 15, examples: atTheEndOfABlock },
    );
  });

  it('renumbered', async () => {
    const { findings } = await verifyAltered((entries) => entries.with(120, renumbered(entries[120], 9999)));
    expect(findings[1]).toMatchObject({ code: 'changed', index: 120 });
  });

  it('swapped with another of its writer, near or far', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 350, max: 699 }), fc.integer({ min: 350, max: 699 }), async (a, b) => {
        fc.pre(a !== b);
        const { findings } = await verifyAltered((entries) => entries.with(a, entryAt(b)).with(b, entryAt(a)));
        const named = findings.filter(({ code }) => code === 'reordered').flatMap(({ index, to }) => [index, to]);
        expect(named).toEqual(expect.arrayContaining([Math.min(a, b), Math.max(a, b)]));
      }),
      { numRuns: 10 },
    );
  });

  it('swapped over a restart of the server, as the run that both lie in', async () => {
    const { findings } = await verifyAltered((entries) => entries.with(349, entryAt(350)).with(350, entryAt(349)));
    expect(findings).toContainEqual(expect.objectContaining({ code: 'reordered', index: 256, to: 511 }));
  });

  it('moved to another block', async () => {
    const { findings } = await verifyAltered((entries) => without(entries, 700).toSpliced(10, 0, entryAt(700)));
    expect(findings).toContainEqual(expect.objectContaining({ code: 'reordered', index: 10, writer: writerOf(700), seq: 0 }));
  });
});

describe('tampering with many entries is named to the run that they lie in', () => {
  it('two edited in one block', async () => {
    const { findings } = await verifyAltered((entries) => entries.with(300, edited(entries[300])).with(310, edited(entries[310])));
    expect(findings).toContainEqual(expect.objectContaining({ code: 'changed', index: 256, to: 511 }));
  });

  it('one edited in each of several blocks, each by name', async () => {
    const altered = [3, 260, 600, 899];
    const { findings } = await verifyAltered((entries) => entries.map((entry, i) => (altered.includes(i) ? edited(entry) : entry)));
    expect(findings.filter(({ code }) => code === 'changed').map(({ index }) => index)).toEqual(altered);
  });

  it('a long run cut out, and an edit after it by name', async () => {
    const { findings } = await verifyAltered((entries) => without(entries.with(800, edited(entries[800])), 100, 333));
    expect(findings).toContainEqual(expect.objectContaining({ code: 'missing', index: 0, to: 178 }));
    expect(findings).toContainEqual(expect.objectContaining({ code: 'changed', index: 800 - 333 }));
    expect(findings).toContainEqual(expect.objectContaining({ code: 'sequence_gap', index: 100, writer: writerOf(350), seq: 0 }));
  });

  it('entries put in', async () => {
    const { findings } = await verifyAltered((entries) => entries.toSpliced(20, 0, ...LOG.entries.slice(400, 410)));
    expect(findings).toContainEqual(expect.objectContaining({ code: 'added', index: 0 }));
  });

  it('the whole log replaced', async () => {
    const other = exampleExport(SIZE, 900).entries.map(edited);
    const { findings } = await verifyAltered(() => other);
    expect(findings).toContainEqual(expect.objectContaining({ code: 'changed', index: 0, to: SIZE - 1 }));
  });

  it('any mix of edits, deletions, copies and swaps is never ok', async () => {
    const edit = fc.tuple(fc.constantFrom('edit', 'delete', 'copy', 'swap', 'renumber'), index, index);
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 6 }), async (edits) => {
        let entries = [...LOG.entries];
        for (const [kind, a, b] of edits) entries = alter(entries, kind, a % entries.length, b % entries.length);
        fc.pre(!Buffer.concat(entries).equals(Buffer.concat(LOG.entries)));
        const { findings } = await verifyAltered(() => entries);
        expect(findings.length).toBeGreaterThan(1);
      }),
      { numRuns: 15 },
    );
  });
});

function alter(entries: Buffer[], kind: string, a: number, b: number): Buffer[] {
  const [first, second] = [entries[a], entries[b]];
  if (first === undefined || second === undefined) return entries;
  if (kind === 'edit') return entries.with(a, edited(first));
  if (kind === 'delete') return without(entries, a);
  if (kind === 'copy') return entries.toSpliced(b, 0, first);
  if (kind === 'renumber') return entries.with(a, renumbered(first, b));
  return entries.with(a, second).with(b, first);
}

describe('a file that was cut short', () => {
  it('without its checkpoint', async () => {
    const whole = fileOf(LOG, LOG.entries);
    expect(await verify(whole)).toMatchObject({ ok: true });
    for (const length of [whole.length - 10, whole.length - LOG.trailer.length - 1, Math.floor(whole.length / 2)]) {
      const verdict = await verify(whole.subarray(0, length));
      expect(verdict).toMatchObject({ ok: false, size: 0, root: '' });
      expect(verdict.findings).toContainEqual(expect.objectContaining({ code: 'truncated' }));
    }
  });

  it('at its end, with its checkpoint kept', async () => {
    const { findings } = await verifyAltered((entries) => entries.slice(0, 500));
    expect(findings).toContainEqual(expect.objectContaining({ code: 'truncated' }));
    expect(findings).toContainEqual(expect.objectContaining({ code: 'missing', to: 499 }));
  });

  it('and given an honest older checkpoint, is found by the checkpoint that the auditor kept', async () => {
    const checkpoint = signedCheckpoint(LOG.entries.slice(0, 600), LOG.privateKey);
    expect(await verify(fileOf(LOG, LOG.entries), { ...PINNED, checkpoint })).toMatchObject({ ok: true });
    const entries = LOG.entries.slice(0, 599);
    const older = fileOf({ ...LOG, trailer: signedTrailer(entries, LOG.privateKey) }, entries);
    expect(await verify(older)).toMatchObject({ ok: true });
    const verdict = await verify(older, { ...PINNED, checkpoint });
    expect(verdict).toMatchObject({ ok: false, findings: [{ code: 'not_a_continuation' }] });
  });

  it('to nothing, is no export', async () => {
    await expect(verify(Buffer.alloc(0))).rejects.toMatchObject({ code: 'malformed_export' });
  });
});

describe('a checkpoint is only believed with its key', () => {
  const forged = exampleExport(SIZE);

  it('another key does not pass for the pinned one, though the export agrees with itself', async () => {
    const file = fileOf(forged, forged.entries);
    expect(await verify(file, {})).toMatchObject({ ok: true, trust: 'export' });
    const verdict = await verify(file, PINNED);
    expect(verdict).toMatchObject({ ok: false, trust: 'pinned', findings: [{ code: 'untrusted_checkpoint' }] });
  });

  it('a changed size, root or origin does not verify', async () => {
    for (const [from, to] of [
      ['00112233', '00112234'],
      ['\\n900\\n', '\\n899\\n'],
    ] as const) {
      const trailer = Buffer.from(LOG.trailer.toString().replace(from, to));
      expect(trailer.equals(LOG.trailer)).toBe(false);
      expect(await verify(fileOf({ ...LOG, trailer }, LOG.entries))).toMatchObject({ ok: false });
    }
  });

  it('a header that names another log is a finding', async () => {
    const header = Buffer.from(LOG.header.toString().replaceAll('00112233', '99999999'));
    expect(await verify(fileOf({ ...LOG, header }, LOG.entries))).toMatchObject({ ok: false, findings: [{ code: 'header_mismatch' }] });
  });

  it('a log that forked from the kept checkpoint is found', async () => {
    const entries = LOG.entries.with(5, edited(LOG.entries[5]));
    const forked = fileOf({ ...LOG, trailer: signedTrailer(entries, LOG.privateKey) }, entries);
    expect(await verify(forked)).toMatchObject({ ok: true });
    const checkpoint = signedCheckpoint(LOG.entries.slice(0, 10), LOG.privateKey);
    expect(await verify(forked, { ...PINNED, checkpoint })).toMatchObject({ ok: false, findings: [{ code: 'not_a_continuation' }] });
  });

  it('a kept checkpoint of another key is a finding', async () => {
    const checkpoint = signedCheckpoint(LOG.entries.slice(0, 10), forged.privateKey);
    expect(await verify(fileOf(LOG, LOG.entries), { ...PINNED, checkpoint })).toMatchObject({ ok: false });
  });

  it('lines after the checkpoint are a finding', async () => {
    const file = Buffer.concat([fileOf(LOG, LOG.entries), entryAt(0), Buffer.from('\n')]);
    expect(await verify(file)).toMatchObject({ ok: false, findings: [{ code: 'added', index: SIZE }] });
  });

  it('a pinned key that is none is refused', async () => {
    await expect(verify(fileOf(LOG, LOG.entries), { verifierKey: 'x' })).rejects.toMatchObject({ code: 'malformed_verifier_key' });
  });
});

describe('what the server signed is judged too', () => {
  it("a gap in a writer's numbering is named though the root matches", async () => {
    const entries = without(LOG.entries, 40);
    const file = fileOf({ ...LOG, trailer: signedTrailer(entries, LOG.privateKey) }, entries);
    const verdict = await verify(file);
    expect(verdict).toMatchObject({ ok: false, findings: [{ code: 'sequence_gap', index: 40, seq: 40 }] });
  });

  it('blocks that were tampered with do not mislead, nor do they hide', async () => {
    const trailer = Buffer.from(LOG.trailer.toString().replace(/"blocks":"..../, '"blocks":"AAAA'));
    const entries = without(LOG.entries, 40);
    const { findings } = await verify(fileOf({ ...LOG, trailer }, entries));
    expect(findings.map(({ code }) => code)).toEqual(['root_mismatch', 'truncated', 'blocks_mismatch', 'sequence_gap']);
  });
});

describe('the first and the last line are what an export writes, to the byte', () => {
  const text = { header: LOG.header.toString(), trailer: LOG.trailer.toString() };
  const verifyWith = (altered: { header?: string; trailer?: string }) => {
    const { header, trailer } = { ...text, ...altered };
    expect([header, trailer]).not.toEqual([text.header, text.trailer]);
    return verify(fileOf({ header: Buffer.from(header), trailer: Buffer.from(trailer) }, LOG.entries));
  };

  it.each([
    ['a member more', { header: text.header.replace('{', '{"comment":"x",') }],
    ['a member more at its end', { header: text.header.replace(/}$/, ',"note":"x"}') }],
    ['a member twice', { header: text.header.replace('{', '{"format":"x",') }],
    ['a space more', { header: `${text.header} ` }],
    ['another line end', { header: `${text.header}\r` }],
    ['its members in another order', { header: text.header.replace(/"filter":{},(.*)}$/, '$1,"filter":{}}') }],
    ['an escape for a character', { header: text.header.replace('log.example', '\\u006cog.example') }],
  ])('a header with %s is a finding', async (_what, altered) => {
    expect(await verifyWith(altered)).toMatchObject({ ok: false, trust: 'pinned', findings: [{ code: 'malformed' }] });
  });

  it.each([
    ['a member more', { trailer: text.trailer.replace(/}$/, ',"remark":"x"}') }],
    ['a member twice', { trailer: text.trailer.replace('"checkpoint"', '"checkpoint":"x","checkpoint"') }],
    ['a space more', { trailer: `${text.trailer} ` }],
    ['base64 in another form', { trailer: text.trailer.replace('","checkpoint"', '\\n","checkpoint"') }],
    ['an escape for a character', { trailer: text.trailer.replace('log.example', '\\u006cog.example') }],
  ])('a trailer with %s is a finding', async (_what, altered) => {
    expect(await verifyWith(altered)).toMatchObject({ ok: false, trust: 'pinned', findings: [{ code: 'malformed' }] });
  });

  const blocks = Buffer.from(/"blocks":"([^"]*)"/.exec(text.trailer)?.[1] ?? '', 'base64');
  const withBlocks = (bytes: Buffer) => verifyWith({ trailer: text.trailer.replace(blocks.toString('base64'), bytes.toString('base64')) });

  it.each([
    ['zeroed', Buffer.alloc(blocks.length)],
    ['left out', Buffer.alloc(0)],
    ['one too few', blocks.subarray(64)],
    ['one too many', Buffer.concat([blocks, Buffer.alloc(64)])],
  ])('blocks that are %s are a finding', async (_what, bytes) => {
    expect(await withBlocks(bytes)).toMatchObject({ ok: false, findings: [{ code: 'blocks_mismatch' }] });
  });

  it('any one byte of either changed is a finding, or no export at all', async () => {
    const lines = fc.constantFrom<'header' | 'trailer'>('header', 'trailer');
    await fc.assert(
      fc.asyncProperty(lines, fc.nat(), fc.integer({ min: 1, max: 255 }), async (name, position, bits) => {
        const line = Buffer.from(LOG[name]);
        const byte = position % line.length;
        line[byte] = (line[byte] ?? 0) ^ bits;
        fc.pre(!line.includes(0x0a));
        const verdict = await verify(fileOf({ ...LOG, [name]: line }, LOG.entries)).catch(({ code }: AuditError) => ({ ok: code }));
        expect([false, 'malformed_export']).toContain(verdict.ok);
      }),
    );
  });
});

describe('whatever the bytes', () => {
  it('answers with a verdict that is not ok, or refuses', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.string(), fc.json()), { maxLength: 5 }), async (lines) => {
        const bytes = Buffer.concat([LOG.header, Buffer.from(`\n${lines.join('\n')}`)]);
        expect((await verify(bytes)).ok).toBe(false);
      }),
    );
  });
});
