import Database from 'better-sqlite3-multiple-ciphers';
import { QueryFailedError } from 'typeorm';
import type { WriteProblem } from './errors.ts';

/** SQLite's result code, from the driver's error or from TypeORM's wrapping of it; '' for what is no error of the engine. */
export function sqliteCode(error: unknown): string {
  const inner: unknown = error instanceof QueryFailedError ? error.driverError : error;
  return inner instanceof Database.SqliteError ? inner.code : '';
}

const WRITE_PROBLEMS: readonly (readonly [RegExp, WriteProblem])[] = [
  [/^SQLITE_FULL/, 'disk_full'],
  [/^SQLITE_(READONLY|CANTOPEN|PERM)/, 'read_only'],
  [/^SQLITE_(BUSY|LOCKED)/, 'in_use'],
];

/** Why the engine did not write. */
export function writeProblem(error: unknown): WriteProblem {
  const code = sqliteCode(error);
  return WRITE_PROBLEMS.find(([pattern]) => pattern.test(code))?.[1] ?? 'failing';
}

/** The engine looked at one statement and refused what it was given; the transaction around it stands. */
export function refusedStatement(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === '' || code.startsWith('SQLITE_CONSTRAINT') || code === 'SQLITE_TOOBIG' || code === 'SQLITE_MISMATCH';
}
