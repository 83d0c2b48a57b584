import { describe, expect, it } from 'vitest';
import { parseCheckpoint, verifyExport } from '#audit';
import { Committer, type Committed, Gate, type Submission } from '#authz';
import { operator } from '../../../test/support/callers.ts';
import { exampleDraft } from '../../../test/support/example-export.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakePolicy } from '../../../test/support/fake-policy.ts';
import { logKeyring } from '../../../test/support/log-keys.ts';
import { MemoryLog } from '../../../test/support/memory-log.ts';
import { ExportLog } from './export-log.ts';
import { LogWriter } from './log-writer.ts';
import { ReadCheckpoint } from './read-checkpoint.ts';

const AUTHORITY = Buffer.alloc(32);
const REQUEST = { id: 'request-1', peer: '127.0.0.1' };
const AUDITOR = operator('ada');
const rules = [{ allow: ['audit:export', 'audit:read'], on: '**' }] as const;

/** Commits entries into a log in memory, and nothing else. */
class LogCommitter extends Committer {
  readonly #database: MemoryLog;
  readonly #log: LogWriter;

  constructor(database: MemoryLog, log: LogWriter) {
    super();
    this.#database = database;
    this.#log = log;
  }

  commit({ entries }: Submission): Promise<Committed> {
    this.#database.commit(this.#log.prepare(entries, AUTHORITY));
    return Promise.resolve('committed');
  }
}

async function writtenLog(rows = 20) {
  const database = new MemoryLog();
  const log = new LogWriter(database, new FakeClock());
  const keyring = logKeyring();
  await log.unsealed(keyring, database.reader);
  for (let row = 0; row < rows; row += 1)
    database.commit(
      log.prepare(
        Array.from({ length: 30 }, (_, i) => exampleDraft(i)),
        AUTHORITY,
      ),
    );
  const policy = new FakePolicy([
    { role: 'auditor', rules: [...rules].map((rule) => ({ ...rule, allow: [...rule.allow] })), bind: ['operator:ada'] },
  ]);
  const gate = new Gate(policy, database.reader, new LogCommitter(database, log), new FakeClock());
  return { database, log, gate, verifierKey: keyring.log.signer.verifierKey };
}

async function read(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

function verify(file: Buffer, verifierKey: string) {
  return verifyExport(
    async function* () {
      yield file;
    },
    { verifierKey },
  );
}

describe('exporting the log', () => {
  it('gives out every entry, its own included, and the export verifies', async () => {
    const { log, gate, verifierKey } = await writtenLog();
    const file = await read(await new ExportLog(gate, log).perform(AUDITOR, REQUEST));
    expect(await verify(file, verifierKey)).toMatchObject({ ok: true, trust: 'pinned', entries: 601, size: 601 });
    const lines = file.toString().trimEnd().split('\n');
    expect(JSON.parse(lines.at(-2) ?? '')).toMatchObject({
      action: 'audit:export',
      caller: { id: 'ada' },
      outcome: 'done',
      requestId: 'request-1',
    });
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      filter: {},
      format: 'holdfast-audit-export/1',
      origin: 'acme.internal/00112233/1',
      verifierKey,
    });
  });

  it('comes in chunks of about 64 KiB, and ends where it began while the log grows', async () => {
    const { database, log, gate, verifierKey } = await writtenLog();
    const chunks: Buffer[] = [];
    for await (const chunk of await new ExportLog(gate, log).perform(AUDITOR, REQUEST)) {
      chunks.push(chunk);
      database.commit(log.prepare([exampleDraft(0)], AUTHORITY));
    }
    expect(chunks.length).toBeGreaterThan(3);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThan(70_000);
    expect(await verify(Buffer.concat(chunks), verifierKey)).toMatchObject({ ok: true, entries: 601 });
  });

  it('who may not gets nothing, and the refusal is an entry', async () => {
    const { log, gate } = await writtenLog();
    const size = log.size;
    await expect(new ExportLog(gate, log).perform(operator('eve'), REQUEST)).rejects.toMatchObject({ code: 'denied' });
    expect(log.size).toBe(size + 1);
  });

  it('breaks off without a trailer when a row is gone or altered', async () => {
    for (const replacement of [[], [{ firstIndex: 300, count: 30, segment: 1, sealed: Buffer.alloc(100) }]]) {
      const { database, log, gate } = await writtenLog();
      database.rows.splice(10, 1, ...replacement);
      const exported = await new ExportLog(gate, log).perform(AUDITOR, REQUEST);
      await expect(read(exported)).rejects.toMatchObject({ code: expect.stringMatching(/^(log_damaged|authentication_failed)$/) });
    }
  });
});

describe('reading the checkpoint', () => {
  it('answers a signed note that covers its own entry', async () => {
    const { log, gate, verifierKey } = await writtenLog(1);
    const note = await new ReadCheckpoint(gate, log).perform(AUDITOR, REQUEST);
    expect(parseCheckpoint(note, verifierKey)).toMatchObject({ size: 31 });
  });

  it('who may not gets nothing', async () => {
    const { log, gate } = await writtenLog(1);
    await expect(new ReadCheckpoint(gate, log).perform(operator('eve'), REQUEST)).rejects.toMatchObject({ code: 'denied' });
  });
});
