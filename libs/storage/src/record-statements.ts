import type { Row, RowKind } from '#authz';
import type Database from 'better-sqlite3-multiple-ciphers';

type Stored = { kind: RowKind; key: string; rev: number; wrapped: Buffer | null; sealed: Buffer };

const FIND = 'SELECT kind, key, rev, wrapped, sealed FROM record WHERE kind = ? AND key = ?';
const PAGE = 'SELECT kind, key, rev, wrapped, sealed FROM record WHERE kind = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?';

/** The prepared look-ups of `record`, on whichever connection. */
export class RecordStatements {
  readonly #find: Database.Statement<[string, string], Stored>;
  readonly #page: Database.Statement<[string, string, string, number], Stored>;

  constructor(handle: Database) {
    this.#find = handle.prepare(FIND);
    this.#page = handle.prepare(PAGE);
  }

  find(kind: RowKind, key: string): Row | undefined {
    const stored = this.#find.get(kind, key);
    return stored && toRow(stored);
  }

  /** A key's characters (`[0-9a-z/_-]`) all lie between ' ' and '~': so one makes the least key above, the other the bound of a prefix. */
  page(kind: RowKind, prefix: string, after: string, limit: number): Row[] {
    const from = after >= prefix ? `${after} ` : prefix;
    return this.#page.all(kind, from, `${prefix}~`, limit).map(toRow);
  }
}

function toRow(stored: Stored): Row {
  const { wrapped, ...row } = stored;
  return wrapped ? { ...row, wrapped } : row;
}
