import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

/**
 * What the load client sets out to do. `hash` is of all the data that a write or a patch leaves in its version; `place` is what the one
 * rule of a role is on.
 */
export type Operation =
  | { readonly kind: 'read'; readonly caller: string; readonly path: string }
  | { readonly kind: 'denied'; readonly caller: string; readonly path: string }
  | { readonly kind: 'delete'; readonly caller: string; readonly path: string }
  | { readonly kind: 'bundle'; readonly caller: string; readonly paths: readonly string[] }
  | { readonly kind: 'destroy'; readonly caller: string; readonly path: string; readonly versions: readonly number[] }
  | { readonly kind: 'write' | 'patch'; readonly caller: string; readonly path: string; readonly hash: string }
  | { readonly kind: 'apply-role'; readonly role: string; readonly place: string }
  | { readonly kind: 'revoke'; readonly spiffeId: string }
  | { readonly kind: 'sign-in' };

export type Kind = Operation['kind'];

/**
 * What became of it. `unknown`: sent, and no whole answer came back. `unsent`: nobody listened. No result at all means the
 * client itself was lost, which a run does not survive.
 */
export type Result =
  | {
      readonly outcome: 'answered';
      readonly status: number;
      readonly version?: number;
      /** What was delivered: the hash of the data of each path. */
      readonly delivered?: Readonly<Record<string, string>>;
      readonly token?: string;
    }
  | { readonly outcome: 'unknown' | 'unsent' };

/** One operation with its result; times are the client's monotonic milliseconds. */
export interface LedgerRecord {
  readonly id: number;
  readonly operation: Operation;
  readonly sentAt: number;
  readonly result?: Result;
  readonly endedAt?: number;
}

type Line =
  | { readonly id: number; readonly at: number; readonly operation: Operation }
  | { readonly id: number; readonly at: number; readonly result: Result };

/**
 * The oracle: an append-only file of what was intended, before it is sent, and of what was acknowledged, after it arrived. Each
 * line is on the disk before the next step.
 */
export class LedgerWriter {
  readonly #fd: number;
  #next = 0;

  constructor(file: string) {
    this.#fd = openSync(file, 'a', 0o600);
  }

  intend(operation: Operation): number {
    const id = this.#next;
    this.#next += 1;
    this.#append({ id, at: performance.now(), operation });
    return id;
  }

  conclude(id: number, result: Result): void {
    this.#append({ id, at: performance.now(), result });
  }

  close(): void {
    closeSync(this.#fd);
  }

  #append(line: Line): void {
    writeSync(this.#fd, `${JSON.stringify(line)}\n`);
    fsyncSync(this.#fd);
  }
}

/** The operations of a ledger file, in the order in which they were intended. */
export function readLedger(file: string): LedgerRecord[] {
  const records = new Map<number, LedgerRecord>();
  for (const text of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const line: Line = JSON.parse(text);
    if ('operation' in line) records.set(line.id, { id: line.id, operation: line.operation, sentAt: line.at });
    else records.set(line.id, { ...intended(records, line.id), result: line.result, endedAt: line.at });
  }
  return [...records.values()];
}

function intended(records: ReadonlyMap<number, LedgerRecord>, id: number): LedgerRecord {
  const record = records.get(id);
  if (!record) throw new Error(`the ledger acknowledges ${id}, which it never intended`);
  return record;
}
