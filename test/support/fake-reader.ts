import { AuthzError, type LogRow, Reader, type Row, type RowKind } from '#authz';
import type { FakeCommitter } from './fake-committer.ts';

/** Reads what a fake committer holds, and remembers which rows it was asked for. */
export class FakeReader extends Reader {
  readonly found: string[] = [];
  /** How many rows were paged through. */
  paged = 0;
  /** While its database is closed it answers nothing. */
  sealed = false;
  readonly #database: FakeCommitter;

  constructor(database: FakeCommitter) {
    super();
    this.#database = database;
  }

  async find(kind: RowKind, key: string): Promise<Row | undefined> {
    if (this.sealed) throw new AuthzError('sealed');
    this.found.push(`${kind}:${key}`);
    return this.#database.rows.get(`${kind}:${key}`);
  }

  async page(kind: RowKind, prefix: string, after: string, limit: number): Promise<readonly Row[]> {
    if (this.sealed) throw new AuthzError('sealed');
    const rows = [...this.#database.rows.values()].filter((row) => row.kind === kind && row.key.startsWith(prefix) && row.key > after);
    const page = rows.toSorted((a, b) => (a.key < b.key ? -1 : 1)).slice(0, limit);
    this.paged += page.length;
    return page;
  }

  async *log(): AsyncIterable<LogRow> {}
}
