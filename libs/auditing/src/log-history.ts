import { setImmediate } from 'node:timers/promises';
import type { Entry } from '#audit';
import { AccessHistory, type HistoryPage, type Lookback, type Reader } from '#authz';
import type { LogWriter } from './log-writer.ts';

/** Entries that are read at a time, and so held beside those that were asked for. */
const WINDOW = 1_024;

/** Looks back in the log from its end, a window at a time. Others have their turn in between. */
export class LogHistory extends AccessHistory {
  readonly #log: LogWriter;

  constructor(log: LogWriter) {
    super();
    this.#log = log;
  }

  async page(reader: Reader, { before = Infinity, since, most }: Lookback): Promise<HistoryPage> {
    const entries: Entry[] = [];
    let at = Math.min(before, this.#log.size);
    while (at > 0 && entries.length < most) {
      const from = Math.max(0, at - Math.min(WINDOW, most - entries.length));
      const window = await this.#window(reader, from, at);
      const recent = window.filter(({ time }) => Date.parse(time) >= since);
      entries.push(...recent.toReversed());
      if (recent.length < window.length) return { entries };
      at = from;
      await setImmediate();
    }
    return at > 0 ? { entries, next: at } : { entries };
  }

  async #window(reader: Reader, from: number, to: number): Promise<Entry[]> {
    const found: Entry[] = [];
    for await (const row of reader.log(from, to)) {
      const { entries } = await this.#log.batch(row);
      for (const bytes of entries.slice(Math.max(0, from - row.firstIndex), to - row.firstIndex)) found.push(JSON.parse(bytes.toString()));
    }
    return found;
  }
}
