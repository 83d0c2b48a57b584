import type { LedgerRecord, Operation } from './ledger.ts';

const EXPECTED_STATUS = { read: 200, denied: 403, write: 200, delete: 204, revoke: 204, 'sign-in': 201 } as const;

/** Answered as such an operation is answered when it was done. */
export function isDone({ operation, result }: LedgerRecord): boolean {
  return result?.outcome === 'answered' && result.status === EXPECTED_STATUS[operation.kind];
}

/** Sent, and nobody knows: it may have been done or not. */
export function isUnknown({ result }: LedgerRecord): boolean {
  return result === undefined || result.outcome === 'unknown';
}

/** A record of one kind of operation. */
export type Of<K extends Operation['kind']> = LedgerRecord & { readonly operation: Extract<Operation, { kind: K }> };

/** The records of one kind. */
export function ofKind<K extends Operation['kind']>(ledger: readonly LedgerRecord[], kind: K): Of<K>[] {
  return ledger.filter((record): record is Of<K> => record.operation.kind === kind);
}

/** The version that a write was told it made. */
export function versionOf({ result }: LedgerRecord): number | undefined {
  return result?.outcome === 'answered' ? result.version : undefined;
}

/** How many operations a kill left without an answer: a run in which that never happened has shown nothing. */
export function countInFlight(ledger: readonly LedgerRecord[]): { all: number; changes: number } {
  const unknown = ledger.filter(isUnknown);
  return { all: unknown.length, changes: unknown.filter(({ operation }) => ['write', 'delete', 'revoke'].includes(operation.kind)).length };
}
