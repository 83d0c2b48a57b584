import { type CheckpointRow, LogStore, type PreparedLog } from '#auditing';
import { type LogRow, Reader, type Row } from '#authz';

/** The log's tables in memory: its store, and a reader of its rows. A test may alter what it holds, as whoever writes the database can. */
export class MemoryLog extends LogStore {
  rows: LogRow[] = [];
  segments = new Map<number, Buffer>();
  checkpoints: CheckpointRow[] = [];
  readonly reader = new LogReader(this);

  /** Commits what the log's writer prepared. */
  commit(prepared: PreparedLog): void {
    const { segment, row } = prepared;
    if (segment !== undefined) this.segments.set(segment.id, segment.wrapped);
    this.rows.push(row);
    prepared.accept();
  }

  lastRow(): Promise<LogRow | undefined> {
    return Promise.resolve(this.rows.at(-1));
  }

  segmentKey(segment: number): Promise<Buffer | undefined> {
    return Promise.resolve(this.segments.get(segment));
  }

  lastCheckpoint(): Promise<CheckpointRow | undefined> {
    return Promise.resolve(this.checkpoints.at(-1));
  }
}

class LogReader extends Reader {
  readonly #log: MemoryLog;

  constructor(log: MemoryLog) {
    super();
    this.#log = log;
  }

  find(): Promise<Row | undefined> {
    return Promise.resolve(undefined);
  }

  page(): Promise<readonly Row[]> {
    return Promise.resolve([]);
  }

  async *log(fromIndex: number, toIndex: number): AsyncGenerator<LogRow> {
    for (const row of this.#log.rows) {
      if (row.firstIndex < toIndex && row.firstIndex + row.count > fromIndex) yield row;
    }
  }
}
