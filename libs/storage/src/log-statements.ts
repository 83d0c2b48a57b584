import type { LogRow } from '#authz';
import type Database from 'better-sqlite3-multiple-ciphers';

/** The row that holds `from` may begin before it, and is looked for by its index. */
const PAGE = `SELECT first_index AS firstIndex, count, segment, sealed FROM audit_batch
  WHERE first_index >= (SELECT coalesce(max(first_index), 0) FROM audit_batch WHERE first_index <= :from)
    AND first_index + count > :from AND first_index < :to
  ORDER BY first_index LIMIT :limit`;

/** The prepared look-up of `audit_batch`. */
export class LogStatements {
  readonly #page: Database.Statement<[{ from: number; to: number; limit: number }], LogRow>;

  constructor(handle: Database) {
    this.#page = handle.prepare(PAGE);
  }

  /** At most `limit` rows that hold entries from `from` on and before `to`, in order. */
  page(from: number, to: number, limit: number): LogRow[] {
    return this.#page.all({ from, to, limit });
  }
}
