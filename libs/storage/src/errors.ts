import { AuthzError } from '#authz';

const TEXTS = {
  database_in_use: 'another process has this database open',
  database_plain_text: 'the database, or its log, is not encrypted',
  database_altered: 'somebody else has changed the tables or triggers of this database',
  database_newer: 'a newer release has changed this database',
  wrong_key: 'the database does not open with this key',
  authority_rolled_back: 'roles, operators or keys in the database are not the ones that the log left',
  engine_too_old: 'the SQLite library is too old',
  not_durable: 'the database does not keep what it acknowledges',
  not_private: 'a file or directory of the server can not be kept private',
  commit_unknown: 'a commit failed half-way, so nothing that the database says can be trusted',
  file_unavailable: 'a file of the server can not be read or written',
} as const;

/** Why storage would not open, or a file beside the database could not be used. */
export type StorageCode = keyof typeof TEXTS;

/** Why nothing can be recorded at the moment. */
export type WriteProblem = 'disk_full' | 'read_only' | 'in_use' | 'failing';

/**
 * The one error of this room's own. What goes wrong once a database is open is an `AuthzError` (`sealed`, `storage_unavailable`,
 * `row_refused`), as the ports say. Neither holds a driver's error: that one carries its parameters.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageCode;

  constructor(code: StorageCode) {
    super(TEXTS[code]);
    this.code = code;
  }
}

/** What the port calls `storage_unavailable`, with the reason for whoever runs the server. */
export class WriteRefused extends AuthzError {
  readonly problem: WriteProblem;

  constructor(problem: WriteProblem) {
    super('storage_unavailable', problem);
    this.problem = problem;
  }
}
