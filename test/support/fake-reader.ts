import { type LogRow, Reader, type Row, type RowKind } from '#authz';
import type { FakeCommitter } from './fake-committer.ts';

/** Reads what a fake committer holds, and remembers which rows it was asked for. */
export class FakeReader extends Reader {
  readonly found: string[] = [];
  /** How many rows were paged through. */
  paged = 0;
  readonly #database: FakeCommitter;

  constructor(database: FakeCommitter) {
    super();
    this.#database = database;
  }

  find(kind: RowKind, key: string): Promise<Row | undefined> {
    this.found.push(`${kind}:${key}`);
    return Promise.resolve(this.#database.rows.get(`${kind}:${key}`));
  }

  page(kind: RowKind, prefix: string, after: string, limit: number): Promise<readonly Row[]> {
    const rows = [...this.#database.rows.values()].filter((row) => row.kind === kind && row.key.startsWith(prefix) && row.key > after);
    const page = rows.toSorted((a, b) => (a.key < b.key ? -1 : 1)).slice(0, limit);
    this.paged += page.length;
    return Promise.resolve(page);
  }

  async *log(): AsyncIterable<LogRow> {}
}
