import type { EntryDraft } from '#audit';
import { AccessHistory, type HistoryPage, type Lookback, type Reader } from '#authz';

/** A log of entries that a test gives it, oldest first. */
export class FakeHistory extends AccessHistory {
  entries: readonly EntryDraft[] = [];

  page(_reader: Reader, { before = this.entries.length, since, most }: Lookback): Promise<HistoryPage> {
    const from = Math.max(0, before - most);
    const page = this.entries.slice(from, before).map((draft, seq) => ({ ...draft, v: 1 as const, salt: '', writer: '', seq }));
    const recent = page.filter(({ time }) => Date.parse(time) >= since).toReversed();
    return Promise.resolve({ entries: recent, ...(recent.length === page.length && from > 0 && { next: from }) });
  }
}
