import { beforeEach, describe, expect, it } from 'vitest';
import { createKeyring } from '#keys';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { MemoryLog } from '../../../test/support/memory-log.ts';
import { LogHistory } from './log-history.ts';
import { LogWriter } from './log-writer.ts';

const ROW = 3;
const ENTRIES = 3_000;
const START = Date.parse('2026-12-01T00:00:00Z');
/** One entry a second. */
const timeOf = (index: number): string => new Date(START + 1_000 * index).toISOString();

let log: MemoryLog;
let history: LogHistory;
beforeEach(async () => {
  const clock = new FakeClock();
  log = new MemoryLog();
  const writer = new LogWriter(log, clock);
  await writer.unsealed((await createKeyring('acme.internal', clock)).keyring, log.reader);
  for (let index = 0; index < ENTRIES; index += ROW) {
    log.commit(
      writer.prepare(
        Array.from({ length: ROW }, (_, i) => draft(index + i)),
        Buffer.alloc(32),
      ),
    );
  }
  history = new LogHistory(writer);
});

function draft(index: number) {
  const caller = { kind: 'workload', id: 'spiffe://acme.internal/api', method: 'certificate', credential: '' };
  const what = { action: 'secret:read', resource: 'app/db', decision: 'allow', outcome: 'released' } as const;
  return { time: timeOf(index), caller, peer: '', ...what, requestId: `r${index}` };
}

const idsOf = ({ entries }: { readonly entries: readonly { readonly requestId: string }[] }): string[] =>
  entries.map(({ requestId }) => requestId);
const counting = (from: number, to: number): string[] => Array.from({ length: from - to }, (_, i) => `r${from - 1 - i}`);

describe('looking back', () => {
  it('begins with the newest entry, and goes on where it stopped, inside of a row too', async () => {
    const first = await history.page(log.reader, { since: 0, most: 2_000 });
    expect(idsOf(first)).toEqual(counting(ENTRIES, 1_000));
    expect(first.next).toBe(1_000);
    const second = await history.page(log.reader, { since: 0, most: 2_000, before: first.next });
    expect(idsOf(second)).toEqual(counting(1_000, 0));
    expect(second.next).toBeUndefined();
  });

  it('ends where entries are too old', async () => {
    const page = await history.page(log.reader, { since: Date.parse(timeOf(2_500)), most: 10_000 });
    expect(idsOf(page)).toEqual(counting(ENTRIES, 2_500));
    expect(page.next).toBeUndefined();
  });

  it('looks at no more than it was asked to', async () => {
    expect(idsOf(await history.page(log.reader, { since: 0, most: 10 }))).toEqual(counting(ENTRIES, ENTRIES - 10));
  });
});
