import type { Kind, LedgerRecord, Operation } from './ledger.ts';

const EXPECTED_STATUS: Readonly<Record<Kind, number>> = {
  read: 200,
  bundle: 200,
  denied: 403,
  write: 200,
  patch: 200,
  delete: 204,
  destroy: 204,
  revoke: 204,
  'apply-role': 200,
  'sign-in': 201,
};
const CHANGES: ReadonlySet<Kind> = new Set(['write', 'patch', 'delete', 'destroy', 'revoke', 'apply-role']);

/** Answered as such an operation is answered when it was done. */
export function isDone({ operation, result }: Pick<LedgerRecord, 'operation' | 'result'>): boolean {
  return result?.outcome === 'answered' && result.status === EXPECTED_STATUS[operation.kind];
}

/** Sent, and nobody knows: it may have been done or not. */
export function isUnknown({ result }: LedgerRecord): boolean {
  return result === undefined || result.outcome === 'unknown';
}

/** A record of one kind of operation. */
export type Of<K extends Kind> = LedgerRecord & { readonly operation: Extract<Operation, { kind: K }> };

/** The records of one kind. */
export function ofKind<K extends Exclude<Kind, 'write' | 'patch'>>(ledger: readonly LedgerRecord[], kind: K): Of<K>[] {
  return ledger.filter((record): record is Of<K> => record.operation.kind === kind);
}

/** A record of what makes a version. */
export type Writing = LedgerRecord & { readonly operation: Extract<Operation, { hash: string }> };

/** The records of what makes versions. */
export function writings(ledger: readonly LedgerRecord[]): Writing[] {
  return ledger.filter((record): record is Writing => 'hash' in record.operation);
}

/** Sent, and perhaps done: all but what was refused or reached nobody. */
export function mayBeDone(record: LedgerRecord): boolean {
  return isDone(record) || isUnknown(record);
}

/** The version that a write was told it made. */
export function versionOf({ result }: LedgerRecord): number | undefined {
  return result?.outcome === 'answered' ? result.version : undefined;
}

/** How many operations a kill left without an answer: a run in which that never happened has shown nothing. */
export function countInFlight(ledger: readonly LedgerRecord[]): { all: number; changes: number } {
  const unknown = ledger.filter(isUnknown);
  return { all: unknown.length, changes: unknown.filter(({ operation }) => CHANGES.has(operation.kind)).length };
}
