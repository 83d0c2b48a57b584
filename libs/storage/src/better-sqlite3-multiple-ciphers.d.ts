/** The part of the driver that this room uses. The package's own declarations are out of reach of its `exports`. */
declare module 'better-sqlite3-multiple-ciphers' {
  class Database {
    constructor(path: string, options?: { readonly?: boolean; timeout?: number });
    readonly inTransaction: boolean;
    prepare<Parameters extends unknown[] = unknown[], Row = unknown>(sql: string): Database.Statement<Parameters, Row>;
    exec(sql: string): this;
    pragma(sql: string, options?: { simple?: boolean }): unknown;
    /** Answers SQLite's result code, 0 for success. */
    key(key: Buffer): number;
    close(): this;
  }

  namespace Database {
    interface Statement<Parameters extends unknown[], Row = unknown> {
      run(...parameters: Parameters): RunResult;
      get(...parameters: Parameters): Row | undefined;
      all(...parameters: Parameters): Row[];
    }

    interface RunResult {
      readonly changes: number;
    }

    class SqliteError extends Error {
      readonly code: string;
    }
  }

  export = Database;
}
