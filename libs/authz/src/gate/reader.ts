import type { LogRow, Row, RowKind } from './rows.ts';

const PAGE = 500;

/**
 * What prepared work may look at. Only the gate hands one out. It sees committed rows only and may answer from a cache of
 * sealed rows (never of opened ones) that every commit keeps current.
 */
export abstract class Reader {
  /** @throws StorageUnavailable */
  abstract find(kind: RowKind, key: string): Promise<Row | undefined>;

  /** Rows of a kind whose key starts with `prefix` and is greater than `after`, in key order (bytewise), at most `limit`. */
  abstract page(kind: RowKind, prefix: string, after: string, limit: number): Promise<readonly Row[]>;

  /** Every row of a kind, in key order, read page by page. */
  async *every(kind: RowKind): AsyncIterable<Row> {
    let rows = await this.page(kind, '', '', PAGE);
    while (rows.length > 0) {
      yield* rows;
      rows = await this.page(kind, '', rows.at(-1)?.key ?? '', PAGE);
    }
  }

  /** The log's rows that hold entries from `fromIndex` on and before `toIndex`, in order, streamed at constant memory. */
  abstract log(fromIndex: number, toIndex: number): AsyncIterable<LogRow>;
}
